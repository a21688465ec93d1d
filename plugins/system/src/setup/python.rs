use switchover_sdk::prelude::*;

use super::gathered::{Facts, Gathered};

/// Adds the Python that playbooks find on the host; nothing when it has none. No module here needs one.
pub fn add(gathered: &Gathered, facts: &mut Facts) {
    let (executable, said) = (gathered.line("python", 0), gathered.line("python", 1));
    let Some(version) = said.strip_prefix("Python ") else { return };
    let mut numbers = version.split('.').map(|part| {
        let digits = part.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
        digits.parse::<u32>().unwrap_or_default()
    });
    let (major, minor, micro) =
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    facts.extend(
        "python",
        [
            (
                "python",
                json!({
                    "executable": executable,
                    "version": {
                        "major": major, "minor": minor, "micro": micro, "releaselevel": "final", "serial": 0,
                    },
                    "version_info": [major, minor, micro, "final", 0],
                    "has_sslcontext": true,
                    "type": "cpython",
                }),
            ),
            ("python_version", json!(format!("{major}.{minor}.{micro}"))),
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version() {
        let mut facts = Facts::default();
        add(&Gathered::read("\u{1}python\n/usr/bin/python3\nPython 3.12.1+\n"), &mut facts);
        let facts = facts.chosen(|_, _| true);
        assert_eq!(facts["ansible_python"]["version_info"], json!([3, 12, 1, "final", 0]));
        assert_eq!(facts["ansible_python"]["executable"], "/usr/bin/python3");
        assert_eq!(facts["ansible_python_version"], "3.12.1");
        let mut none = Facts::default();
        add(&Gathered::read("\u{1}python\n"), &mut none);
        assert!(none.chosen(|_, _| true).is_empty());
    }
}
