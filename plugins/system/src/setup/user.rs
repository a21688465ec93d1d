use switchover_sdk::prelude::*;

use super::gathered::{Facts, Gathered};

/// Adds the user that tasks run as, and its environment.
pub fn add(gathered: &Gathered, facts: &mut Facts) {
    let number = |index: usize| gathered.line("id", index).parse::<u32>().ok();
    let (uid, gid) = (number(0), number(1));
    let fields: Vec<&str> = gathered.line("id", 2).split(':').collect();
    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
    facts.extend(
        "user",
        [
            ("user_id", json!(field(0))),
            ("user_uid", json!(uid)),
            ("user_gid", json!(field(3).parse::<u32>().ok().or(gid))),
            ("user_gecos", json!(field(4))),
            ("user_dir", json!(field(5))),
            ("user_shell", json!(field(6))),
            ("real_user_id", json!(uid)),
            ("effective_user_id", json!(uid)),
            ("real_group_id", json!(gid)),
            ("effective_group_id", json!(gid)),
        ],
    );
    facts.add("env", "env", environment(gathered.section("env")));
}

/// Variables are parted by NUL where the host's `env` can do so, else by lines.
fn environment(said: &str) -> Value {
    let part = if said.contains('\0') { '\0' } else { '\n' };
    let pairs = said.split(part).filter_map(|line| line.split_once('='));
    Value::Object(pairs.map(|(name, value)| (name.to_owned(), json!(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_values_with_newlines() {
        assert_eq!(environment("A=1\n2\0B=x=y\0"), json!({ "A": "1\n2", "B": "x=y" }));
        assert_eq!(environment("A=1\nB=2\n"), json!({ "A": "1", "B": "2" }));
    }
}
