//! The cases: a name, and what is given to `ansible-playbook`. `record` reads this table too.

use super::case::holds;

macro_rules! cases {
    ($($name:ident: $arguments:literal,)*) => {
        $(#[test]
        fn $name() {
            holds(stringify!($name), $arguments);
        })*
    };
}

cases! {
    add_host: "add_host.yml",
    any_errors_fatal: "any_errors_fatal.yml",
    asynchronous: "async.yml",
    blocks: "blocks.yml",
    check: "check.yml --check",
    check_diff: "check.yml --check --diff",
    delegate: "delegate.yml",
    diff: "diff.yml --diff",
    environment: "environment.yml",
    free: "free.yml",
    handler_missing: "handler_missing.yml",
    handlers: "handlers.yml",
    handlers_fail: "handlers_fail.yml",
    handlers_force: "handlers_force.yml",
    handlers_forced: "handlers_fail.yml --force-handlers",
    import_playbook: "import_playbook.yml",
    import_playbook_tags: "import_playbook.yml --tags three",
    includes: "includes.yml",
    loops: "loops.yml",
    loops_verbose: "loops.yml -v",
    max_fail: "max_fail.yml",
    meta: "meta.yml",
    names: "names.yml",
    names_verbose: "names.yml -v",
    no_log: "no_log.yml",
    order: "order.yml",
    precedence: "precedence.yml",
    prompts: "prompts.yml",
    rescue_fails: "rescue_fails.yml",
    results: "results.yml",
    results_verbose: "results.yml -v",
    role_specs: "role_specs.yml",
    roles: "roles.yml",
    roles_tags: "roles.yml --tags apps",
    serial: "serial.yml",
    serial_fail: "serial_fail.yml",
    tags: "tags.yml",
    tags_all: "tags.yml --tags all,never",
    tags_never: "tags.yml --tags never",
    tags_one: "tags.yml --tags one",
    tags_play: "tags.yml --tags play",
    tags_skip_always: "tags.yml --skip-tags always",
    tags_skip_two: "tags.yml --skip-tags two,inner",
    tags_tagged: "tags.yml --tags tagged",
    tags_untagged: "tags.yml --tags untagged",
    timeout: "timeout.yml",
    undefined: "undefined.yml",
    unreachable: "unreachable.yml",
    until: "until.yml",
    when: "when.yml",
    list_tasks: "roles.yml --list-tasks",
    list_tags: "import_playbook.yml --list-tags",
    list_hosts: "serial.yml --list-hosts --limit d",
}
