//! Mistakes of the author's that only show when hosts have been touched.

use super::play;

const TASKS: &str = "    - include_tasks: more.yml\n    - shell: echo end >> log\n";

#[test]
fn a_mistake_that_shows_late_is_mended_and_the_run_goes_on() {
    let more = "- { shell: echo a >> log, notify: reload }\n";
    let scenario = play(TASKS).file("more.yml", more);
    let outcome = scenario.run();
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(outcome.stderr.contains("handler 'reload' was not found"), "{outcome:?}");
    assert!(!outcome.stderr.contains("no host was touched"), "{outcome:?}");
    // What had ended is not told as if it went on.
    assert!(!outcome.stderr.contains("under way"), "{outcome:?}");
    assert!(outcome.stderr.contains("one  1 task of this play, from: shell"), "{outcome:?}");
    let text = std::fs::read_to_string(scenario.path("site.yml")).unwrap();
    let handlers = "  handlers:\n    - { name: reload, shell: echo reload >> log }\n";
    std::fs::write(scenario.path("site.yml"), text + handlers).unwrap();
    let next = outcome.stderr.lines().last().unwrap().trim();
    let words: Vec<&str> = next.split(' ').skip(1).collect();
    let outcome = scenario.tell(&words);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(scenario.log(), "a end reload");
}

#[test]
fn handlers_of_a_role_that_an_included_file_imports_are_known() {
    let scenario = play(TASKS)
        .file("more.yml", "- import_role: { name: inner }\n- { shell: echo a >> log, notify: reload }\n")
        .file("roles/inner/tasks/main.yml", "- shell: echo role >> log\n")
        .file("roles/inner/handlers/main.yml", "- { name: reload, shell: echo reload >> log }\n");
    let outcome = scenario.run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(scenario.log(), "role a end reload");
}
