//! Why a host did not let us in: sudo, the chroot, a missing program.

use switchover_sdk::prelude::*;

use crate::Ran;

/// What a refusal looks like, what it means, and what to do.
const REFUSALS: &[(&str, &str, &str)] = &[
    (
        "a password is required",
        "sudo asks for a password",
        "allow the user to run this without a password (NOPASSWD in sudoers), or set alation_sudo and alation_shell",
    ),
    (
        "a terminal is required",
        "sudo asks for a password",
        "allow the user to run this without a password (NOPASSWD in sudoers), or set alation_sudo and alation_shell",
    ),
    (
        "you must have a tty to run sudo",
        "sudo demands a terminal",
        "take `requiretty` out of sudoers for this user",
    ),
    (
        "is not in the sudoers file",
        "sudo refuses this user",
        "add the user to sudoers, or connect as another user (ansible_user)",
    ),
    (
        "is not allowed to execute",
        "sudo refuses this command",
        "allow the command in sudoers, or set alation_sudo and alation_shell",
    ),
    (
        "may not run sudo",
        "sudo refuses this user",
        "add the user to sudoers, or connect as another user (ansible_user)",
    ),
    (
        "sudo: not found",
        "there is no sudo on this host",
        "set alation_sudo and alation_shell to what is used there",
    ),
    (
        "sudo: command not found",
        "there is no sudo on this host",
        "set alation_sudo and alation_shell to what is used there",
    ),
    (
        "cannot change root directory",
        "the Alation chroot cannot be entered",
        "check alation_root and that the connection reaches an Alation host",
    ),
    (
        "alation_conf: not found",
        "there is no alation_conf where the shell leads",
        "check alation_shell: it must lead into the Alation shell",
    ),
    (
        "alation_conf: command not found",
        "there is no alation_conf where the shell leads",
        "check alation_shell: it must lead into the Alation shell",
    ),
    (
        "alation_action: not found",
        "there is no alation_action where the shell leads",
        "check alation_shell: it must lead into the Alation shell",
    ),
    (
        "alation_action: command not found",
        "there is no alation_action where the shell leads",
        "check alation_shell: it must lead into the Alation shell",
    ),
];

/// Returns the failure of a command that never ran because the host did not let us in.
pub fn explain(ran: &Ran) -> Option<Failure> {
    if ran.rc == 0 {
        return None;
    }
    let said = format!("{}\n{}", ran.stderr, ran.stdout);
    let (_, meaning, remedy) = REFUSALS.iter().find(|(text, ..)| said.contains(text))?;
    let line = said.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    Some(
        Failure::new(format!("{meaning}: {line}"))
            .remedy(*remedy)
            .with("rc", ran.rc)
            .with("stdout", ran.stdout.clone())
            .with("stderr", ran.stderr.clone()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_sudo_is_told_with_its_remedy() {
        let ran = Ran { rc: 1, stderr: "sudo: a password is required\n".into(), ..Ran::default() };
        let failure = explain(&ran).unwrap();
        assert_eq!(failure.msg, "sudo asks for a password: sudo: a password is required");
        assert!(failure.remedy.unwrap().contains("NOPASSWD"));
    }

    #[test]
    fn a_success_is_never_explained_away() {
        assert!(explain(&Ran { rc: 0, stdout: "a password is required".into(), ..Ran::default() }).is_none());
    }
}
