use super::play;
use crate::scenario::Scenario;
use crate::terminal::at_terminal;

const TASKS: &str = "    - { name: first, shell: echo a >> log }
    - { name: second, shell: test -e go && echo b >> log }
    - { name: third, shell: echo c >> log }
";

#[test]
fn a_change_behind_the_point_reached_is_told_and_may_be_accepted() {
    let scenario = play(TASKS);
    assert_eq!(scenario.run().code, 2);
    let changed = std::fs::read_to_string(scenario.path("site.yml")).unwrap();
    let changed = changed.replace("test -e go && echo b", "echo B").replace("echo c", "echo C");
    std::fs::write(scenario.path("site.yml"), changed).unwrap();
    let refused = scenario.tell(&["resume"]);
    assert_eq!(refused.code, 4, "{}{}", refused.stdout, refused.stderr);
    assert!(refused.stderr.contains("site.yml changed"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--accept-changes"), "{}", refused.stderr);
    let words: Vec<&str> = refused.stderr.lines().last().unwrap().split_whitespace().skip(1).collect();
    assert_eq!(words, ["resume", "--accept-changes"]);
    assert_eq!(scenario.tell(&words).code, 0);
    assert_eq!(scenario.log(), "a B C");
}

#[test]
fn a_change_before_the_point_reached_is_refused_with_what_was_there() {
    let scenario = play(TASKS);
    assert_eq!(scenario.run().code, 2);
    let changed = std::fs::read_to_string(scenario.path("site.yml")).unwrap();
    let changed = changed
        .replace("    - { name: first", "    - { name: new, shell: echo new >> log }\n    - { name: first");
    std::fs::write(scenario.path("site.yml"), changed).unwrap();
    let refused = scenario.tell(&["resume", "--accept-changes"]);
    assert_eq!(refused.code, 1, "{}{}", refused.stdout, refused.stderr);
    assert!(refused.stderr.contains("step 1 of one was `first`"), "{}", refused.stderr);
    assert!(refused.stderr.contains("back as it was"), "{}", refused.stderr);
    let next = refused.stderr.lines().last().unwrap().trim();
    assert!(next.starts_with("switchover resume ") && !next.contains("--accept"), "{next}");
    assert_eq!(scenario.log(), "a");
}

#[test]
fn another_inventory_and_other_variables_are_told() {
    let scenario = play(TASKS).file("vars.yml", "x: 1\n").args(["-e", "@vars.yml"]);
    assert_eq!(scenario.run().code, 2);
    std::fs::write(scenario.path("vars.yml"), "x: 2\n").unwrap();
    std::fs::write(
        scenario.path("hosts"),
        "one ansible_connection=local y=1\ntwo ansible_connection=local\n",
    )
    .unwrap();
    let refused = scenario.tell(&["resume"]);
    for told in
        ["host one: its groups or variables changed: y\n", "host two is new", "extra variable x changed"]
    {
        assert!(refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
    assert_eq!(scenario.log(), "a");
}

#[test]
fn an_answer_that_nobody_gives_is_asked_for_at_a_terminal() {
    let scenario = play("    - shell: echo {{ word }} >> log\n");
    let text = std::fs::read_to_string(scenario.path("site.yml")).unwrap();
    let text = text.replace("  tasks:", "  vars_prompt: [{ name: word }]\n  tasks:");
    std::fs::write(scenario.path("site.yml"), text).unwrap();
    let first = scenario.run();
    assert_eq!(first.code, 1, "{first:?}");
    assert!(first.stderr.contains("give it with `-e word=...`"), "{first:?}");
    let again = scenario.tell(&["resume"]);
    assert_eq!(again.code, 1, "{again:?}");
    assert!(again.stderr.contains("asks for it at a terminal"), "{again:?}");
    for said in [&first.stderr, &again.stderr] {
        assert!(said.contains("At a terminal, where it is asked") && !said.contains("--accept"), "{said}");
    }
    assert_eq!(scenario.log(), "");
}

#[test]
fn another_answer_than_before_is_refused_unless_it_is_meant() {
    let playbook = "- hosts: all\n  gather_facts: false\n  vars_prompt: [{ name: word, prompt: Word, private: true }]\n  tasks:\n    - \
                    shell: echo {{ word }}1 >> log\n    - shell: test -e go && echo {{ word }}2 >> log\n";
    let scenario = Scenario::new().playbook(playbook).inventory(super::LOCAL);
    let (screen, code) = at_terminal(scenario.command(), 100, &[("Word: ", "first-word")]);
    assert_eq!(code, 2, "{screen}");
    std::fs::write(scenario.path("go"), "").unwrap();
    let resume = |words: &[&str], answer: &str| {
        at_terminal(scenario.other(&[&["resume"], words].concat()), 100, &[("Word: ", answer)])
    };
    let (screen, code) = resume(&[], "other-word");
    assert_eq!(code, 1, "{screen}");
    assert!(screen.contains("the answer to `word` is not the one"), "{screen}");
    assert!(screen.contains("--accept-changes") && !screen.contains("other-word"), "{screen}");
    assert_eq!(scenario.log(), "first-word1");
    // Neither answer stands in the journal in clear.
    let journal = std::fs::read(scenario.run_folder().join("journal.db")).unwrap();
    for word in ["first-word", "other-word"] {
        assert!(!journal.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
    }
    let (screen, code) = resume(&[], "first-word");
    assert_eq!(code, 0, "{screen}");
    assert_eq!(scenario.log(), "first-word1 first-word2");
}

#[test]
fn another_answer_that_is_meant_is_taken() {
    let playbook = "- hosts: all\n  gather_facts: false\n  vars_prompt: [{ name: word, prompt: Word }]\n  tasks:\n    - shell: test -e go \
                    && echo {{ word }} >> log\n";
    let scenario = Scenario::new().playbook(playbook).inventory(super::LOCAL);
    assert_eq!(at_terminal(scenario.command(), 100, &[("Word: ", "one")]).1, 2);
    std::fs::write(scenario.path("go"), "").unwrap();
    let resume = scenario.other(&["resume", "--accept-changes"]);
    let (screen, code) = at_terminal(resume, 100, &[("Word: ", "two")]);
    assert_eq!(code, 0, "{screen}");
    assert_eq!(scenario.log(), "two");
}
