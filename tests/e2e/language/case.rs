use std::path::{Path, PathBuf};

use fancy_regex::Regex;

use crate::scenario::Scenario;

/// Holds a case against the recorded output, both without times and paths of this machine.
pub fn holds(name: &str, arguments: &str) {
    let home = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/language");
    let cases = home.join("cases");
    let scenario = Scenario::new().inside(&cases);
    let tmp = scenario.path("").display().to_string().trim_end_matches('/').to_owned();
    let outcome = scenario
        .args(["run", "-i", "inventory", "-f", "1", "--output", "ansible"])
        .args(["-e", &format!("tmp={tmp}"), "-e", r#"{"from_extra": "extra", "extra_list": [1, 2]}"#])
        .args(arguments.split(' '))
        .run();
    let printed = cleaned(&format!("{}exit {}\n", outcome.stdout, outcome.code), &cases, &tmp);
    let expected = std::fs::read_to_string(home.join(format!("expected/{name}.txt"))).unwrap();
    if let Ok(folder) = std::env::var("LANGUAGE_PRINTED") {
        std::fs::write(Path::new(&folder).join(format!("{name}.txt")), &printed).unwrap();
    }
    assert!(printed == expected, "{}\n{}", differences(&expected, &printed), outcome.stderr);
}

/// What `record` does with `sed`.
fn cleaned(text: &str, cases: &Path, tmp: &str) -> String {
    let text = text.replace(&*cases.to_string_lossy(), "CASES").replace(tmp, "TMP");
    let rules = [
        (r#""(delta|start|end)": "[^"]*""#, r#""$1": "TIME""#),
        (r"jid=[^ \n]*", "jid=JOB"),
        (r#""timedout": \{[^}]*\}"#, r#""timedout": {}"#),
        (r"(Failed to connect to the host via ssh: ).*", "${1}..."),
        (r"(UNREACHABLE! => ).*", "${1}..."),
    ];
    rules.into_iter().fold(text, |text, (pattern, with)| {
        Regex::new(pattern).unwrap().replace_all(&text, with).into_owned()
    })
}

/// Returns the lines from the first that differs, of both.
fn differences(expected: &str, printed: &str) -> String {
    let same = expected.lines().zip(printed.lines()).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(3);
    let part = |text: &str| text.lines().skip(from).take(12).collect::<Vec<_>>().join("\n");
    format!("expected from line {}:\n{}\n\nprinted:\n{}", same + 1, part(expected), part(printed))
}
