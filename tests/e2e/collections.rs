//! Playbooks and roles that come as collections.

use crate::scenario::Scenario;

#[test]
fn a_playbook_of_a_collection_finds_its_roles_by_their_short_names() {
    let root = "collections/ansible_collections/acme/web";
    let outcome = Scenario::new()
        .file(&format!("{root}/roles/greet/tasks/main.yml"), "- debug: msg=welcome\n")
        .file(
            &format!("{root}/playbooks/tools/site.yml"),
            "- hosts: localhost\n  gather_facts: false\n  roles: [greet]\n",
        )
        .args(["run", &format!("{root}/playbooks/tools/site.yml")])
        .run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("welcome"), "{outcome:?}");
}
