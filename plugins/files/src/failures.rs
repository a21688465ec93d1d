use switchover_sdk::prelude::*;

/// Says a failure of the host in the words that playbooks know, where there are any.
pub fn in_ansible_s_words(failure: Failure) -> Failure {
    let stderr = failure.result.get("stderr").and_then(Value::as_str).unwrap_or_default().to_owned();
    if failure.msg.contains(": validation failed") {
        let rc = failure.result.get("rc").cloned().unwrap_or_default();
        return Failure::new("failed to validate")
            .with("exit_status", rc)
            .with("stdout", "")
            .with("stderr", stderr);
    }
    let unknown = [("invalid user: ", "chown", "user"), ("unknown user ", "chown", "user")];
    let unknown = unknown
        .into_iter()
        .chain([("invalid group: ", "chgrp", "group"), ("unknown group ", "chgrp", "group")]);
    for (said, program, kind) in unknown {
        if let Some((_, name)) = stderr.split_once(said) {
            let given = name.trim().trim_matches(|c: char| matches!(c, '\'' | '‘' | '’' | ':'));
            // Both are told when both were given: `user:group`.
            let (user, group) = given.split_once(':').unwrap_or((given, given));
            let name = if kind == "user" { user } else { group };
            return Failure::new(format!("{program} failed: failed to look up {kind} {name}"))
                .with_result(failure.result);
        }
    }
    failure
}

/// Says a failure of a module that changes text: it tells of a validation in one line.
pub fn of_an_edit(failure: Failure) -> Failure {
    let mut failure = in_ansible_s_words(failure);
    if failure.msg == "failed to validate" {
        let (rc, stderr) = (failure.result["exit_status"].clone(), failure.result["stderr"].clone());
        failure.msg = format!("failed to validate: rc:{rc} error:{}", stderr.as_str().unwrap_or_default());
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_users_that_are_not_there() {
        let failure = Failure::new("x failed").with("stderr", "chown: invalid user: ‘nosuch’\n");
        assert_eq!(in_ansible_s_words(failure).msg, "chown failed: failed to look up user nosuch");
        let failure = Failure::new("x failed").with("stderr", "chown: unknown user nosuch\n");
        assert_eq!(in_ansible_s_words(failure).msg, "chown failed: failed to look up user nosuch");
    }

    #[test]
    fn names_the_one_of_two_that_is_not_there() {
        let told = |stderr: &str| in_ansible_s_words(Failure::new("x failed").with("stderr", stderr)).msg;
        let said = "chown: invalid user: ‘nobody-here:daemon’\n";
        assert_eq!(told(said), "chown failed: failed to look up user nobody-here");
        let said = "chown: invalid group: ‘root:no-group’\n";
        assert_eq!(told(said), "chgrp failed: failed to look up group no-group");
    }

    #[test]
    fn tells_how_a_validation_ended() {
        let failure = Failure::new("write /f: validation failed: bad").with("rc", 2).with("stderr", "bad\n");
        let failure = in_ansible_s_words(failure);
        assert_eq!((failure.msg.as_str(), &failure.result["exit_status"]), ("failed to validate", &json!(2)));
    }
}
