//! A whole module as an author writes it, run against a host in memory.

use switchover_sdk::prelude::*;
use switchover_sdk::testing::FakeHost;

#[derive(Params)]
struct MotdParams {
    /// The line that visitors see.
    text: String,
    /// The file.
    #[param(default = "/etc/motd", alias = "dest")]
    path: HostPath,
    /// Whether the line should be there.
    #[param(default = "present")]
    state: State,
    #[param(flatten)]
    owner: OwnerParams,
}

#[derive(Params)]
struct OwnerParams {
    /// Who owns the file.
    owner: Option<String>,
    /// Writes into the file itself.
    #[param(default = false, refused = "the file is replaced")]
    unsafe_writes: bool,
}

#[derive(Choice, PartialEq)]
enum State {
    Present,
    Absent,
}

struct Motd;

impl Module for Motd {
    type Params = MotdParams;
    const SPEC: Spec = Spec {
        name: "example.motd",
        aliases: &["motd"],
        summary: "Keeps a line in the message of the day.",
        examples: &[("Greet", "example.motd: { text: Welcome }")],
        ..Spec::DEFAULT
    };

    fn check(params: &MotdParams, host: &Host) -> Result<Delta, Failure> {
        let before = match host.stat(&params.path)? {
            Some(_) => host.read(&params.path)?.to_text(),
            None => String::new(),
        };
        let wanted = match params.state {
            State::Present => format!("{}\n", params.text),
            State::Absent => String::new(),
        };
        if before == wanted {
            return Ok(Delta::none());
        }
        Ok(Delta::change(&*params.path, before, wanted.clone()).with_state(json!(wanted)))
    }

    fn apply(params: &MotdParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        host.write(&params.path, delta.state().as_str().unwrap_or_default())?;
        let owner = params.owner.owner.clone();
        host.set_attributes(&params.path, Attributes { owner, ..Attributes::default() })?;
        Ok(Outcome::changed(json!({ "dest": *params.path })))
    }
}

#[test]
fn changes_once_and_then_finds_nothing_to_do() {
    let host = FakeHost::new().file("/etc/motd", "old\n");
    assert!(host.run::<Motd>(json!({ "text": "hello" })).unwrap().changed);
    assert_eq!(host.content("/etc/motd").unwrap(), "hello\n");
    assert_eq!(host.check::<Motd>(json!({ "text": "hello" })).unwrap(), Delta::none());
}

#[test]
fn check_writes_nothing() {
    let host = FakeHost::new();
    assert!(matches!(host.check::<Motd>(json!({ "text": "x" })).unwrap(), Delta::Some { .. }));
    assert_eq!(host.content("/etc/motd"), None);
}

#[test]
fn arguments_are_declared_once() {
    let spec = Motd::SPEC.full::<MotdParams>();
    assert!(spec.params[0].required);
    assert_eq!(spec.params[1].doc, "The file.");
    assert_eq!(spec.params[1].default, Some(json!("/etc/motd")));
    assert_eq!(spec.params[3].name, "owner");
    assert_eq!(spec.params[4].refused.as_deref(), Some("the file is replaced"));
    assert_eq!(spec.params[2].choices, ["present", "absent"]);
    let failure = FakeHost::new().run::<Motd>(json!({ "text": "x", "state": "gone" })).unwrap_err();
    assert_eq!(failure.msg, "argument `state` must be one of: present, absent");
    let failure = FakeHost::new().run::<Motd>(json!({})).unwrap_err();
    assert_eq!(failure.msg, "argument `text` is required");
}

#[derive(Params)]
#[expect(dead_code, reason = "only the declaration is looked at")]
struct PortParams {
    /// The port.
    #[param(min = 1, max = 65535, old_name = "p")]
    port: u16,
    /// The protocol.
    #[param(default = "tcp", deprecated = "use `port`")]
    protocol: String,
}

#[test]
fn ranges_and_words_of_the_past_are_declared_beside_the_field() {
    let [port, protocol] = &PortParams::specs()[..] else { panic!("two parameters") };
    assert_eq!((port.min, port.max), (Some(1.0), Some(65535.0)));
    assert_eq!((&port.aliases[..], &port.old_names[..]), (&["p".to_owned()][..], &["p".to_owned()][..]));
    assert_eq!(protocol.deprecated.as_deref(), Some("use `port`"));
    let spec = Spec {
        required_if: &[("protocol", "tcp", &["port"])],
        required_by: &[("port", &["protocol"])],
        ..Spec::DEFAULT
    };
    let requires = serde_json::to_value(spec.full::<PortParams>().requires).unwrap();
    let expected = json!([
        {"param": "protocol", "is": "tcp", "params": ["port"]},
        {"param": "port", "params": ["protocol"]},
    ]);
    assert_eq!(requires, expected);
}

#[test]
fn an_alias_means_the_same() {
    let host = FakeHost::new();
    host.run::<Motd>(json!({ "text": "x", "dest": "/tmp/m" })).unwrap();
    assert_eq!(host.content("/tmp/m").unwrap(), "x\n");
}

switchover_sdk::export_modules!(Motd);
