use std::path::Path;

use super::rpm_query;
use super::site::{Site, complain, say, with_causes};
use crate::lab::install_version;
use crate::sim::{Fault, Package, Phase, Refusal};

/// What was asked of rpm.
#[derive(Debug, Default, PartialEq)]
pub struct Request {
    mode: Option<char>,
    of_files: bool,
    test: bool,
    again: bool,
    hashes: bool,
    pub format: Option<String>,
    pub operands: Vec<String>,
}

/// The commands of rpm that an update uses, on the lab's package files: `-K`, `-q`, `-qp`, `-U`, `-i`.
pub fn run(site: &Site, args: &[String]) -> u8 {
    if args == ["--version"] {
        say("RPM version 4.14.3");
        return 0;
    }
    let request = match parse(args) {
        Ok(request) => request,
        Err(message) => {
            complain(&format!("rpm: {message}"));
            return 1;
        }
    };
    let command = format!("rpm -{}", request.mode.unwrap_or('?'));
    site.record(&command, Phase::Started, None, if request.test { "test" } else { "" });
    let code = match request.mode {
        Some('K') => each(&request.operands, |file| check(site, file)),
        Some('q') if request.of_files => {
            each(&request.operands, |file| rpm_query::file(site, &request, file))
        }
        Some('q') => each(&request.operands, |name| rpm_query::installed(site, &request, name)),
        Some('U' | 'i') => each(&request.operands, |file| install(site, &request, file)),
        _ => {
            complain("rpm: no arguments given for query or install");
            1
        }
    };
    site.end(&command, code, "")
}

/// The exit code is the number of operands that failed, as with the real command.
fn each(operands: &[String], mut run: impl FnMut(&str) -> bool) -> u8 {
    if operands.is_empty() {
        complain("rpm: no packages given");
        return 1;
    }
    u8::try_from(operands.iter().filter(|operand| !run(operand)).count()).unwrap_or(u8::MAX)
}

fn parse(args: &[String]) -> Result<Request, String> {
    let mut request = Request::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--test" => request.test = true,
            "--replacepkgs" | "--force" => request.again = true,
            "--qf" | "--queryformat" => {
                request.format = Some(rest.next().ok_or("--qf needs a format")?.clone());
            }
            "--checksig" => request.mode = Some('K'),
            "--query" => request.mode = Some('q'),
            "--upgrade" => request.mode = Some('U'),
            "--install" => request.mode = Some('i'),
            long if long.starts_with("--") => return Err(format!("the lab does not simulate option {long}")),
            flags if flags.starts_with('-') => {
                for flag in flags.chars().skip(1) {
                    match flag {
                        'K' | 'q' | 'U' | 'i' => request.mode = Some(flag),
                        'p' => request.of_files = true,
                        'v' => {}
                        'h' => request.hashes = true,
                        other => return Err(format!("the lab does not simulate option -{other}")),
                    }
                }
            }
            operand => request.operands.push(operand.to_owned()),
        }
    }
    Ok(request)
}

/// Reads a package file, or says why that cannot be, in the words of rpm.
pub fn open(site: &Site, file: &str) -> Option<Package> {
    if site.state().is_ok_and(|state| state.has(Fault::RpmHeader)) && Path::new(file).exists() {
        complain(&format!(
            "error: {file}: headerRead failed: hdr data: BAD, no. of bytes(33931352) out of range"
        ));
        complain(&format!("error: {file} cannot be installed"));
        return None;
    }
    match Package::read(Path::new(file)) {
        Ok(package) => Some(package),
        Err(crate::sim::PackageError::NotAPackage { .. }) => {
            complain(&format!("error: {file}: not an rpm package (or package manifest)"));
            None
        }
        Err(_) => {
            complain(&format!("error: open of {file} failed: No such file or directory"));
            None
        }
    }
}

fn check(site: &Site, file: &str) -> bool {
    if open(site, file).is_none() {
        return false;
    }
    let good = Package::verify(Path::new(file)).unwrap_or(false);
    say(&format!("{file}: {}", if good { "digests OK" } else { "DIGESTS NOT OK" }));
    good
}

fn install(site: &Site, request: &Request, file: &str) -> bool {
    let Some(package) = open(site, file) else { return false };
    if !site.is_root() {
        complain("error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Permission denied)");
        return false;
    }
    if let Err(message) = may_install(site, request, &package) {
        complain(&message);
        return false;
    }
    if !Package::verify(Path::new(file)).unwrap_or(false) {
        complain("error: unpacking of archive failed: cpio: read failed - Success");
        return false;
    }
    if request.test {
        return true;
    }
    if request.hashes {
        say("Verifying...                          ################################# [100%]");
        say("Preparing...                          ################################# [100%]");
        say("Updating / installing...");
    }
    match unpack(site, &package) {
        Ok(()) => {
            if request.hashes {
                let label = Package::label(package.release, package.build);
                say(&format!("   1:{label:<35} ################################# [100%]"));
            }
            true
        }
        Err(message) => {
            complain(&format!("error: {message}"));
            false
        }
    }
}

fn may_install(site: &Site, request: &Request, package: &Package) -> Result<(), String> {
    let state = site.state().map_err(|error| format!("error: {error}"))?;
    let Some(product) = &state.product else {
        return Err("error: the lab simulates this package on hosts with the product only".to_owned());
    };
    let label = Package::label(product.rpm_release, product.rpm_build);
    if request.mode == Some('i') && product.rpm_build != package.build {
        return Err(format!("error: the lab does not simulate a second version by -i; {label} is installed"));
    }
    if product.rpm_build == package.build && !request.again {
        return Err(format!("\tpackage {label} is already installed"));
    }
    if product.rpm_build > package.build {
        return Err(format!("\tpackage {label} (which is newer than {}) is already installed", {
            Package::label(package.release, package.build)
        }));
    }
    Ok(())
}

fn unpack(site: &Site, package: &Package) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    install_version(&site.layout(), &program, package.release, package.build)
        .map_err(|error| format!("unpacking of archive failed: {error}"))?;
    site.store
        .change(|world| {
            let product = world.product_mut(&site.host)?;
            if product.running.iter().any(|running| running.work == "update") {
                return Err(Refusal::new("an update is running"));
            }
            product.rpm_release = package.release;
            product.rpm_build = package.build;
            Ok(())
        })
        .map_err(|error| with_causes(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(words: &[&str]) -> Result<Request, String> {
        parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn reads_the_forms_that_an_update_uses() {
        let found = request(&["-Uvh", "--test", "a.rpm"]).unwrap();
        assert_eq!((found.mode, found.test, found.hashes), (Some('U'), true, true));
        let found = request(&["-qp", "--qf", "%{VERSION}\\n", "a.rpm"]).unwrap();
        assert!(found.of_files);
        assert_eq!(found.format.as_deref(), Some("%{VERSION}\\n"));
        assert_eq!(found.operands, ["a.rpm"]);
    }

    #[test]
    fn refuses_what_it_does_not_simulate() {
        assert!(request(&["-e", "alation"]).is_err());
        assert!(request(&["--nodeps", "-U", "a.rpm"]).is_err());
    }
}
