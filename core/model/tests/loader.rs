//! What the engine asks of the loader while a play runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchover_model::{
    Context, Item, KEYWORDS, Keyword, Loader, ModuleNames, Place, RoleFrom, Settings, Shape, roles_in,
};
use switchover_syntax::{Diagnostic, Source, Span, Text};
use switchover_values::{Layer, Stored, Value};

/// Where an include names its role.
fn here() -> Span {
    Span::new(&Source::new(Path::new("site.yml"), "a"), 0, 1)
}

fn loader() -> Loader {
    Loader::new(settings())
}

fn settings() -> Settings {
    Settings {
        roles_path: Vec::new(),
        collections_path: Vec::new(),
        full_paths: false,
        judges_groups: true,
        modules: Box::new(["debug", "ping"].into_iter().collect::<ModuleNames>()),
        read: Box::new(|path: &Path| {
            let text = std::fs::read_to_string(path)?;
            match text.strip_prefix("$SECRET\n") {
                Some("unknown") => Err(std::io::Error::other("no password opens it")),
                Some(secret) => Ok(Text::sealed(secret.to_uppercase())),
                None => Ok(text.into()),
            }
        }),
        known: Vec::new(),
    }
}

/// Writes files below a new folder that is removed at the end.
fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, text) in files {
        write(&folder.path().join(name), text);
    }
    folder
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
    std::fs::write(path, text).expect("a file can be written");
}

fn play_level(folder: &Path) -> Arc<Context> {
    Arc::new(Context { folder: Some(folder.into()), ..Context::inside(None) })
}

fn messages(found: &[Diagnostic]) -> Vec<&str> {
    found.iter().map(|finding| finding.message.as_str()).collect()
}

fn task_names(items: &[Item]) -> Vec<String> {
    let name = |item: &Item| match item {
        Item::Task(task) => vec![format!("{}{}", task.action.name, if task.is_handler { "!" } else { "" })],
        Item::Block(block) => task_names(&block.body),
    };
    items.iter().flat_map(name).collect()
}

#[test]
fn an_included_file_inherits_from_its_include() {
    let folder = tree(&[("a.yml", "- ping:\n- import_tasks: b.yml\n"), ("b.yml", "- debug:\n")]);
    let parent = play_level(folder.path());
    let items = loader().tasks_file(&folder.path().join("a.yml"), &parent, false).unwrap();
    assert_eq!(task_names(&items), ["ping", "debug"]);
    let Item::Task(task) = &items[0] else { panic!("a task comes first") };
    assert!(Arc::ptr_eq(task.context.parent.as_ref().unwrap(), &parent));
}

#[test]
fn an_included_file_of_handlers_holds_handlers() {
    let folder = tree(&[("a.yml", "- ping:\n  name: x\n  listen: y\n")]);
    let items = loader().tasks_file(&folder.path().join("a.yml"), &play_level(folder.path()), true).unwrap();
    assert_eq!(task_names(&items), ["ping!"]);
}

#[test]
fn an_included_file_that_imports_itself_is_a_cycle() {
    let folder = tree(&[("a.yml", "- import_tasks: a.yml\n")]);
    let found =
        loader().tasks_file(&folder.path().join("a.yml"), &play_level(folder.path()), false).unwrap_err();
    assert_eq!(found[0].code, "playbook::cycle");
}

#[test]
fn a_role_brings_its_dependencies_and_their_handlers() {
    let folder = tree(&[
        ("roles/a/tasks/main.yml", "- ping:\n"),
        ("roles/a/handlers/main.yml", "- name: A\n  ping:\n"),
        ("roles/a/meta/main.yml", "dependencies: [b]\n"),
        ("roles/b/tasks/main.yml", "- debug:\n"),
        ("roles/b/handlers/main.yml", "- name: B\n  debug:\n"),
    ]);
    let (role, block) =
        loader().role(("a", &here()), &RoleFrom::default(), &play_level(folder.path()), &[]).unwrap();
    assert_eq!((role.name.as_str(), role.dependencies.as_slice()), ("a", &["b".to_owned()][..]));
    assert_eq!(task_names(&block.body), ["debug", "ping"]);
    let roles = roles_in(&block.body);
    assert_eq!(roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(roles[0].parents, ["a"]);
    assert_eq!(roles.iter().map(|role| role.handlers.len()).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_role_is_looked_for_in_the_folders_of_the_caller() {
    let folder = tree(&[("roles/a/tasks/other.yml", "- ping:\n")]);
    let from = RoleFrom { tasks_from: Some("other".to_owned()), ..RoleFrom::default() };
    let parent = Arc::new(Context::inside(None));
    let search = [folder.path().to_owned()];
    let (role, block) = loader().role(("a", &here()), &from, &parent, &search).unwrap();
    assert_eq!(role.path, folder.path().join("roles/a"));
    assert_eq!(task_names(&block.body), ["ping"]);
    let found = loader().role(("a", &here()), &from, &parent, &[]).unwrap_err();
    assert_eq!(messages(&found), ["the role 'a' was not found"]);
}

#[test]
fn a_role_carries_the_specification_of_its_entry_point() {
    let specs = "argument_specs:\n  main: {options: {port: {type: int}}}\n  stop: {options: {}}\n";
    let folder = tree(&[
        ("roles/a/tasks/main.yml", "- ping:\n"),
        ("roles/a/tasks/stop.yml", "- ping:\n"),
        ("roles/a/meta/argument_specs.yml", specs),
    ]);
    let options = |tasks_from: Option<&str>| {
        let from = RoleFrom { tasks_from: tasks_from.map(str::to_owned), ..RoleFrom::default() };
        let (role, _) = loader().role(("a", &here()), &from, &play_level(folder.path()), &[]).unwrap();
        let spec = role.argument_spec.as_ref().and_then(|node| node.as_mapping()).unwrap();
        spec.get("options").and_then(|node| node.as_mapping()).map_or(0, |options| options.entries.len())
    };
    assert_eq!((options(None), options(Some("stop.yml"))), (1, 0));
}

#[test]
fn keywords_that_are_data_become_a_level() {
    let source = switchover_syntax::Source::new("apply", "tags: [a]\nbecome: yes\nloop: [1]\n");
    let (node, _) = switchover_syntax::parse_one(&source).unwrap();
    let parent = Arc::new(Context::inside(None));
    let found = loader().level(node.as_mapping().unwrap(), &parent).unwrap_err();
    assert_eq!(messages(&found), ["'loop' is not a valid attribute for a Block"]);
    let source = switchover_syntax::Source::new("apply", "tags: [a]\nbecome: yes\n");
    let (node, _) = switchover_syntax::parse_one(&source).unwrap();
    let level = loader().level(node.as_mapping().unwrap(), &parent).unwrap();
    assert_eq!(level.tags[0].as_str(), Some("a"));
    assert!(level.keywords.r#become.is_some());
}

#[test]
fn files_are_read_through_the_callers_reader() {
    let folder = tree(&[("vars.yml", "$SECRET\na: b\n"), ("lost.yml", "$SECRET\nunknown")]);
    let vars = loader().vars_file(&folder.path().join("vars.yml")).unwrap();
    assert_eq!(vars.get("A").and_then(|node| node.as_str()), Some("B"));
    let found = loader().vars_file(&folder.path().join("lost.yml")).unwrap_err();
    assert!(found[0].message.ends_with("lost.yml: no password opens it"), "{}", found[0].message);
}

#[test]
fn an_empty_file_of_variables_has_none() {
    let folder = tree(&[("vars.yml", "---\n")]);
    assert_eq!(loader().vars_file(&folder.path().join("vars.yml")).unwrap().entries.len(), 0);
}

#[test]
fn a_file_that_changed_is_read_again() {
    let folder = tree(&[("vars.yml", "a: 1\n")]);
    let (loader, path) = (loader(), folder.path().join("vars.yml"));
    assert_eq!(loader.vars_file(&path).unwrap().entries.len(), 1);
    write(&path, "a: 1\nb: 2\n");
    assert_eq!(loader.vars_file(&path).unwrap().entries.len(), 2);
}

#[test]
fn a_playbook_that_is_not_there_is_an_error() {
    let found = loader().playbook(&PathBuf::from("/nonexistent/site.yml")).unwrap_err();
    assert_eq!(messages(&found), ["cannot read /nonexistent/site.yml: there is no such file"]);
}

#[test]
fn warnings_are_told_once() {
    let folder = tree(&[("site.yml", "- hosts: all\n  tasks:\n    -\n")]);
    let loader = loader();
    loader.playbook(&folder.path().join("site.yml")).unwrap();
    assert_eq!(messages(&loader.warnings()), ["an empty entry in a list of tasks"]);
    assert_eq!(loader.warnings().len(), 0);
}

#[test]
fn a_play_knows_the_conditions_of_its_import() {
    let folder = tree(&[
        (
            "site.yml",
            "- import_playbook: sub/one.yml\n  when: wanted\n  tags: [first]\n  vars: {a: 1, b: 1}\n",
        ),
        ("sub/one.yml", "- hosts: all\n  tags: [own]\n  vars: {b: 2}\n"),
    ]);
    let playbook = loader().playbook(&folder.path().join("site.yml")).unwrap();
    let play = &playbook.plays[0];
    let texts = |nodes: &[switchover_syntax::Node]| {
        nodes.iter().map(|node| node.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(play.context.parent.is_none());
    assert_eq!(texts(&play.context.when), ["wanted"]);
    assert_eq!(texts(&play.context.tags), ["first", "own"]);
    let vars: Vec<_> = play.vars.entries.iter().map(|entry| entry.key.as_str().unwrap()).collect();
    assert_eq!(vars, ["a", "b"]);
    assert_eq!(play.folder, folder.path().join("sub"));
}

#[test]
fn every_keyword_of_the_table_is_read() {
    let value = |keyword: &Keyword| match (keyword.name, keyword.shape) {
        ("strategy", _) => "linear",
        ("order", _) => "sorted",
        ("action" | "local_action", _) => "ping",
        ("hosts", _) => "all",
        ("serial", _) => "1",
        ("effect", _) => "changes",
        ("vars_files", _) => "[]",
        (_, Shape::Bool) => "true",
        (_, Shape::Number) => "7",
        (_, Shape::List | Shape::Tasks) => "[]",
        (_, Shape::Mapping | Shape::Mappings) => "{}",
        _ => "word",
    };
    let own = ["hosts", "action", "local_action", "import_playbook", "user"];
    let words = |place: Place, indent: &str| -> String {
        let here = KEYWORDS.iter().filter(|k| place.is_in(k.places) && !own.contains(&k.name));
        here.map(|keyword| format!("{indent}{}: {}\n", keyword.name, value(keyword))).collect()
    };
    let playbook = format!(
        "- hosts: all\n{}- hosts: all\n  tasks:\n    - ping:\n{}    - {}    - include_tasks: x\n{}  handlers:\n    - ping:\n{}",
        words(Place::PLAY, "  "),
        words(Place::TASK, "      "),
        words(Place::BLOCK, "      ").trim_start(),
        words(Place::INCLUDE, "      "),
        words(Place::HANDLER, "      "),
    );
    let folder = tree(&[("site.yml", &playbook)]);
    let found = loader().playbook(&folder.path().join("site.yml")).err().unwrap_or_default();
    assert_eq!(messages(&found), Vec::<&str>::new(), "in\n{playbook}");
}

#[test]
fn templates_and_conditions_are_compiled_before_the_run() {
    let playbook = r#"- hosts: all
  vars: {a: "{{ b | defalt(1) }}"}
  tasks:
    - debug:
        msg: "{{ a +  }}"
      when: a = b
    - ping:
      until: (a and b
    - debug: msg="{{ x | nosuch }}"
      loop: "{{ [1 }}"
"#;
    let folder = tree(&[("site.yml", playbook)]);
    let found = loader().playbook(&folder.path().join("site.yml")).unwrap_err();
    let places: Vec<_> =
        found.iter().map(|finding| (finding.code, finding.labels[0].span.position().line)).collect();
    let (unknown, syntax) = ("template::unknown-name", "template::syntax");
    assert_eq!(places, [(unknown, 2), (syntax, 5), (syntax, 6), (syntax, 8), (unknown, 9), (syntax, 10)]);
}

#[test]
fn mistakes_in_the_templates_of_role_variables_are_warnings() {
    let folder = tree(&[
        ("site.yml", "- hosts: all\n  roles: [a]\n"),
        ("roles/a/defaults/main.yml", "x: \"{{ y | nosuch }}\"\n"),
    ]);
    let loader = loader();
    loader.playbook(&folder.path().join("site.yml")).unwrap();
    let codes: Vec<_> = loader.warnings().iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["template::unknown-name"]);
}

#[test]
fn names_of_imports_may_use_what_is_known_before_the_run() {
    let folder = tree(&[
        (
            "site.yml",
            "- hosts: all\n  roles: ['{{ kind }}']\n  tasks:\n    - import_tasks: '{{ playbook_dir }}/t.yml'\n",
        ),
        ("t.yml", "- ping:\n"),
        ("roles/web/tasks/main.yml", "- import_tasks: '{{ os }}.yml'\n"),
        ("roles/web/defaults/main.yml", "os: debian\n"),
        ("roles/web/tasks/debian.yml", "- debug:\n"),
    ]);
    let mut settings = settings();
    let known = [("kind".to_owned(), Stored::Data(Value::from("web")))];
    settings.known.push((Layer::ExtraVars, Arc::new(known.into_iter().collect())));
    let playbook = Loader::new(settings).playbook(&folder.path().join("site.yml")).unwrap();
    assert_eq!(task_names(&playbook.plays[0].roles), ["debug"]);
    assert_eq!(task_names(&playbook.plays[0].tasks), ["ping"]);
}
