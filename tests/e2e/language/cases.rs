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
    actions: "actions.yml",
    add_host: "add_host.yml",
    any_errors_fatal: "any_errors_fatal.yml",
    asynchronous: "async.yml",
    blocks: "blocks.yml",
    cached_set: "cached_set.yml",
    check: "check.yml --check",
    check_diff: "check.yml --check --diff",
    delegate: "delegate.yml",
    diff: "diff.yml --diff",
    environment: "environment.yml",
    failed_task: "failed_task.yml",
    first_found: "first_found.yml",
    free: "free.yml",
    group_by_vars: "group_by_vars.yml",
    handlers: "handlers.yml",
    handlers_fail: "handlers_fail.yml",
    handlers_force: "handlers_force.yml",
    handlers_forced: "handlers_fail.yml --force-handlers",
    import_playbook: "import_playbook.yml",
    import_playbook_tags: "import_playbook.yml --tags three",
    includes: "includes.yml",
    list_hosts: "serial.yml --list-hosts --limit d",
    list_tags: "import_playbook.yml --list-tags",
    list_tasks: "roles.yml --list-tasks",
    loops: "loops.yml",
    loops_verbose: "loops.yml -v",
    max_fail: "max_fail.yml",
    meta: "meta.yml",
    meta_conditions: "meta_conditions.yml",
    meta_conditions_verbose: "meta_conditions.yml -v",
    names: "names.yml",
    names_verbose: "names.yml -v",
    no_log: "no_log.yml",
    order: "order.yml",
    pattern_vars: "pattern_vars.yml",
    pattern_vars_listed: "pattern_vars.yml --list-hosts --list-tasks",
    precedence: "precedence.yml",
    prompts: "prompts.yml",
    rescue_fails: "rescue_fails.yml",
    results: "results.yml",
    results_verbose: "results.yml -v",
    role_specs: "role_specs.yml",
    role_handlers: "role_handlers.yml",
    roles: "roles.yml",
    roles_tags: "roles.yml --tags apps",
    searched: "searched.yml",
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
    until_ignored: "until_ignored.yml",
    when: "when.yml",
}
