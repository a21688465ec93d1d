use std::path::PathBuf;

use switchover_journal::Listener;
use switchover_report::{JUnit, JUnitSettings, Output, Profile, ProfileBy, Timer};

use crate::config::{self, Config};
use crate::problems;

/// What [`junit`] follows.
const JUNIT_VARIABLES: &[&str] = &[
    "JUNIT_OUTPUT_DIR",
    "JUNIT_TASK_CLASS",
    "JUNIT_TASK_RELATIVE_PATH",
    "JUNIT_FAIL_ON_CHANGE",
    "JUNIT_FAIL_ON_IGNORE",
    "JUNIT_INCLUDE_SETUP_TASKS_IN_REPORT",
    "JUNIT_REPLACE_OUT_OF_TREE_PATH",
    "JUNIT_TEST_CASE_PREFIX",
];

/// Returns the reports of `callbacks_enabled`; each that there is not is named once.
pub fn enabled(config: &Config, has_junit: bool) -> Vec<Box<dyn Listener>> {
    let output = || Output::stdout();
    let mut found: Vec<Box<dyn Listener>> = Vec::new();
    for name in config.words("CALLBACKS_ENABLED") {
        match name.rsplit('.').next().unwrap_or(&name) {
            "timer" => found.push(Box::new(Timer::new(output()))),
            "profile_tasks" => {
                name_others("PROFILE_TASKS_", &[]);
                found.push(Box::new(Profile::new(output(), ProfileBy::Task)));
            }
            "profile_roles" => {
                name_others("PROFILE_ROLES_", &[]);
                found.push(Box::new(Profile::new(output(), ProfileBy::Role)));
            }
            "junit" if has_junit => {}
            // Forms of the output, of which one is there anyway.
            "default" | "minimal" | "oneline" => {}
            "junit" => found.push(junit()),
            _ => problems::warn(&format!(
                "the callback {name} is not followed: there are timer, profile_tasks, profile_roles and junit"
            )),
        }
    }
    found
}

/// Names the variables of a report that are set and not known here: nothing is ignored in silence.
fn name_others(prefix: &str, known: &[&str]) {
    let others = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in others.filter(|name| name.starts_with(prefix) && !known.contains(&name.as_str())) {
        problems::warn(&format!("the variable {name} is not followed"));
    }
}

/// Returns the report that JUnit's variables describe.
pub fn junit() -> Box<dyn Listener> {
    name_others("JUNIT_", JUNIT_VARIABLES);
    let text = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    let flag = |name: &str, otherwise: bool| {
        text(name).map_or(otherwise, |text| config::truth(&text).unwrap_or(otherwise))
    };
    let folder = text("JUNIT_OUTPUT_DIR").unwrap_or_else(|| "~/.ansible.log".to_owned());
    Box::new(JUnit::new(JUnitSettings {
        folder: config::expanded(&folder),
        task_class: flag("JUNIT_TASK_CLASS", false),
        relative_to: text("JUNIT_TASK_RELATIVE_PATH").map(PathBuf::from),
        outside: text("JUNIT_REPLACE_OUT_OF_TREE_PATH"),
        fail_on_change: flag("JUNIT_FAIL_ON_CHANGE", false),
        fail_on_ignore: flag("JUNIT_FAIL_ON_IGNORE", false),
        setup_tasks: flag("JUNIT_INCLUDE_SETUP_TASKS_IN_REPORT", true),
        prefix: text("JUNIT_TEST_CASE_PREFIX").unwrap_or_default(),
    }))
}
