//! Builds plugins in C for the tests, and stands in for a host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use switchover_plugin_host::{Catalog, Discovery, Module};
use switchover_protocol::{
    Bytes, Content, FileStat, HostCall, HostError, HostReply, Map, Operation, Reply, Request, Value,
};
use tempfile::TempDir;

/// Returns whether a C compiler is there, and says so when it is not.
pub fn has_compiler() -> bool {
    let found = Command::new("cc").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        println!("skipped: there is no C compiler `cc`");
    }
    found
}

pub fn header_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/c")
}

/// Compiles C sources with these flags.
pub fn compile(sources: &[PathBuf], flags: &[&str], output: &Path) {
    let result = Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-O1"])
        .arg("-I")
        .arg(header_folder())
        .args(flags)
        .arg("-o")
        .arg(output)
        .args(sources)
        .output()
        .unwrap();
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
    // Group-writable output, as a umask of 002 gives, is not what these tests are about.
    chmod(output, 0o755);
}

/// Sets the mode of a path.
pub fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

/// A folder of plugins, free of links.
pub struct Folder {
    _guard: TempDir,
    pub path: PathBuf,
}

impl Folder {
    pub fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let path = guard.path().canonicalize().unwrap();
        Self { _guard: guard, path }
    }

    /// Builds `fixtures/hostile.c` with one of its cases.
    pub fn hostile(&self, name: &str, case: &str) -> PathBuf {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hostile.c");
        let file = self.path.join(format!("libswitchover_{name}.so"));
        compile(
            &[source],
            &["-fPIC", "-shared", "-pthread", "-Wno-unused-function", &format!("-D{case}")],
            &file,
        );
        file
    }

    /// Builds the example that is shipped with the header.
    pub fn example(&self) -> PathBuf {
        let folder = header_folder().join("example");
        let file = self.path.join("libswitchover_hello.so");
        compile(
            &[folder.join("hello.c"), folder.join("json.c")],
            &["-fPIC", "-shared", "-Wl,-z,defs"],
            &file,
        );
        file
    }

    pub fn catalog(&self) -> Catalog {
        Catalog::discover(&Discovery::in_process(std::slice::from_ref(&self.path)))
    }

    /// Returns the only problem of this folder, without the name of the folder.
    pub fn problem(&self) -> String {
        let catalog = self.catalog();
        let [problem] = catalog.problems() else { panic!("{:?}", catalog.problems()) };
        problem.explain().replace(&format!("{}/", self.path.display()), "")
    }

    /// Returns the module of the hostile plugin.
    pub fn module(&self) -> Module {
        let catalog = self.catalog();
        assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
        catalog.resolve("hostile.module").unwrap().clone()
    }
}

/// Returns a request with these arguments.
pub fn request(operation: Operation, params: Value) -> Request {
    let Value::Object(params) = params else { panic!("{params} is no mapping") };
    Request {
        module: "hostile.module".into(),
        operation,
        params,
        check_mode: false,
        diff: true,
        verbosity: 0,
        about: Map::new(),
    }
}

/// Asks for a check with a host that refuses everything.
pub fn check(module: &Module) -> Reply {
    let mut nobody = |call| panic!("a host call: {call:?}");
    module.invoke(&request(Operation::Check, Map::new().into()), &mut nobody, &|| false)
}

/// Returns the message of a failure of kind `Panicked`.
pub fn broken(reply: Reply) -> String {
    match reply {
        Reply::Failure(failure) if failure.kind == switchover_protocol::FailureKind::Panicked => failure.msg,
        other => panic!("{other:?}"),
    }
}

/// Files by path; refuses writes while `checking`, as the engine does.
#[derive(Default)]
pub struct FakeHost {
    pub files: BTreeMap<String, Vec<u8>>,
    pub checking: bool,
    pub error: Option<HostError>,
}

impl FakeHost {
    pub fn answer(&mut self, call: HostCall) -> HostReply {
        if let Some(error) = &self.error {
            return HostReply::Error(error.clone());
        }
        if self.checking && call.writes() {
            return HostReply::Error(HostError::RefusedDuringCheck { call: "write".into() });
        }
        match call {
            HostCall::Stat { path, .. } => {
                let stat = |content: &Vec<u8>| FileStat { size: content.len() as u64, ..FileStat::default() };
                HostReply::Stat(self.files.get(&path).map(stat).map(Box::new))
            }
            HostCall::Read { path, .. } => HostReply::Content(Bytes(self.files[&path].clone())),
            HostCall::Write(write) => {
                let Content::Inline(content) = write.content else { panic!("{:?}", write.content) };
                self.files.insert(write.path, content.0);
                HostReply::Written(switchover_protocol::Written::default())
            }
            other => panic!("{other:?}"),
        }
    }

    pub fn invoke(&mut self, module: &Module, operation: Operation, params: Value) -> Reply {
        self.checking = operation == Operation::Check;
        module.invoke(&request(operation, params), &mut |call| self.answer(call), &|| false)
    }
}
