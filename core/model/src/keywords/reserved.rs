use super::Keyword;

/// What templates call, and what Ansible has beside its keywords: a variable of this name hides it.
const OTHERS: [&str; 15] = [
    "cycler",
    "debugger",
    "dict",
    "joiner",
    "lipsum",
    "lookup",
    "loop_with",
    "namespace",
    "now",
    "omit",
    "q",
    "query",
    "range",
    "undef",
    "with_",
];

/// Keywords whose names are free, and those that Ansible does not have.
const FREE: [&str; 9] =
    ["approve", "effect", "expect", "gather_subset", "import_playbook", "listen", "lock", "user", "vars"];

/// Returns whether Ansible warns of a variable of this name.
pub fn is_reserved(name: &str) -> bool {
    OTHERS.contains(&name) || Keyword::find(name).is_some() && !FREE.contains(&name)
}
