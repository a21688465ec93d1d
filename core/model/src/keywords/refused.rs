/// A word that Ansible knows, or knew, and that is refused here.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    pub name: &'static str,
    /// Why, as the end of "`x` is not supported: ...".
    pub reason: &'static str,
    /// What to do instead.
    pub instead: &'static str,
}

const fn word(name: &'static str, reason: &'static str, instead: &'static str) -> Refused {
    Refused { name, reason, instead }
}

/// Words that are refused wherever they stand.
pub const REFUSED: &[Refused] = &[
    word("accelerate", "Ansible removed it long ago", "remove it"),
    word("accelerate_ipv6", "Ansible removed it long ago", "remove it"),
    word("accelerate_port", "Ansible removed it long ago", "remove it"),
    word("always_run", "Ansible removed it", "write `check_mode: false`"),
    word(
        "debugger",
        "there is no Python debugger to drop into",
        "remove it; `-vvv` shows each call, and `--step` asks before each task",
    ),
    word(
        "include",
        "Ansible removed it",
        "write `import_tasks` (at load) or `include_tasks` (while running)",
    ),
    word("static", "Ansible removed it", "write `import_tasks` for static, `include_tasks` for dynamic"),
    word("su", "Ansible removed it", "write `become: true` and `become_method: su`"),
    word("su_user", "Ansible removed it", "write `become_user`"),
    word("sudo", "Ansible removed it", "write `become: true`"),
    word("sudo_user", "Ansible removed it", "write `become_user`"),
    word("validate_argspec", "it came after ansible-core 2.19", "write an `assert` or use a role's specs"),
];
