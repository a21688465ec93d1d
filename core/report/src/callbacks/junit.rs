use std::path::{Path, PathBuf};

use switchover_journal::{Event, EventKind, Listener, Status};

use crate::ansible::{cleaned, dump};
use crate::markup::escaped;
use crate::story::{HostStory, PlayStory, Story, TaskStory};

/// What the report tells, by the names of its variables: `JUNIT_OUTPUT_DIR` and so on.
#[derive(Clone, Debug)]
pub struct JUnitSettings {
    /// The folder that gets a file a run.
    pub folder: PathBuf,
    /// Names of classes are the files of tasks, without their lines.
    pub task_class: bool,
    /// Paths in names of classes begin here.
    pub relative_to: Option<PathBuf>,
    /// What is told in place of the folder of a file that is not below there.
    pub outside: Option<String>,
    /// A change is a failure.
    pub fail_on_change: bool,
    /// A failure that is ignored is one all the same.
    pub fail_on_ignore: bool,
    /// Tasks that gather facts are told, too.
    pub setup_tasks: bool,
    /// Only tasks whose name begins so are told as cases.
    pub prefix: String,
}

/// Writes a file of cases, a step each, as the callback `junit`.
pub struct JUnit {
    settings: JUnitSettings,
    story: Story,
}

/// How a step counts.
enum Verdict {
    Passed(String),
    Skipped(String),
    Failed(String),
    Error(String),
}

impl JUnit {
    /// Writes into the folder of the settings, which is made when it is missing.
    pub fn new(settings: JUnitSettings) -> Self {
        Self { settings, story: Story::default() }
    }

    fn write(&self) -> std::io::Result<()> {
        let name = self.story.playbooks.first().map_or("run", String::as_str);
        let name = Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
        std::fs::create_dir_all(&self.settings.folder)?;
        let path = self.settings.folder.join(format!("{name}-{}.xml", self.story.started));
        std::fs::write(path, self.document(&name))
    }

    fn document(&self, name: &str) -> String {
        let cases: Vec<(String, f64, Verdict)> =
            self.story.plays.iter().flat_map(|play| self.cases(play)).collect();
        let count = |is: fn(&Verdict) -> bool| cases.iter().filter(|(_, _, verdict)| is(verdict)).count();
        let errors = count(|verdict| matches!(verdict, Verdict::Error(_)));
        let failures = count(|verdict| matches!(verdict, Verdict::Failed(_)));
        let skipped = count(|verdict| matches!(verdict, Verdict::Skipped(_)));
        let (tests, time): (usize, f64) = (cases.len(), cases.iter().map(|(_, took, _)| took).sum());
        let counts = format!("errors=\"{errors}\" failures=\"{failures}\"");
        let mut out = format!(
            "<?xml version=\"1.0\" ?>\n<testsuites disabled=\"0\" {counts} tests=\"{tests}\" time=\"{time}\">\n\
             \t<testsuite disabled=\"0\" {counts} name=\"{}\" skipped=\"{skipped}\" tests=\"{tests}\" time=\"{time}\">\n",
            escaped(name)
        );
        for (head, took, verdict) in &cases {
            let (open, text, close) = match verdict {
                Verdict::Passed(text) => ("<system-out>".to_owned(), text, "</system-out>"),
                Verdict::Skipped(text) => ("<skipped>".to_owned(), text, "</skipped>"),
                Verdict::Failed(text) => (message("failure", text), text, "</failure>"),
                Verdict::Error(text) => (message("error", text), text, "</error>"),
            };
            out += &format!(
                "\t\t<testcase {head} time=\"{took}\">\n\t\t\t{open}{}{close}\n\t\t</testcase>\n",
                escaped(text)
            );
        }
        out + "\t</testsuite>\n</testsuites>\n"
    }

    fn cases(&self, play: &PlayStory) -> Vec<(String, f64, Verdict)> {
        let told = |task: &&TaskStory| {
            let setup = matches!(crate::ansible::short(&task.info.module), "setup" | "gather_facts");
            (self.settings.setup_tasks || !setup) && task.info.name.starts_with(&self.settings.prefix)
        };
        let case = |task: &TaskStory, host: &str, story: &HostStory| {
            let name = format!("[{host}] {}: {}", play.name, task.info.name);
            let head = format!("classname=\"{}\" name=\"{}\"", escaped(&self.class(task)), escaped(&name));
            (head, story.took, self.verdict(story))
        };
        let tasks = play.tasks.iter().filter(told);
        tasks.flat_map(|task| task.hosts.iter().map(move |(host, story)| case(task, host, story))).collect()
    }

    fn class(&self, task: &TaskStory) -> String {
        let place = &task.info.place;
        let path = std::path::absolute(&place.file).unwrap_or_else(|_| PathBuf::from(&place.file));
        let path = match &self.settings.relative_to {
            Some(base) => self.below(base, &path),
            None => path,
        };
        match self.settings.task_class {
            true => path.with_extension("").display().to_string(),
            false => format!("{}:{}", path.display(), place.line),
        }
    }

    fn below(&self, base: &Path, path: &Path) -> PathBuf {
        match (path.strip_prefix(base), &self.settings.outside) {
            (Ok(below), _) => below.to_owned(),
            (Err(_), Some(outside)) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                PathBuf::from(format!("{outside}{name}"))
            }
            (Err(_), None) => path.to_owned(),
        }
    }

    fn verdict(&self, story: &HostStory) -> Verdict {
        let result = &story.result;
        let keys = dump(&cleaned(result, false), true);
        let said = ["msg", "reason", "skip_reason"].iter().find_map(|key| result.result.get(*key));
        let said = said.map(crate::ansible::plain).unwrap_or_default();
        match result.status {
            Status::Skipped => Verdict::Skipped(said),
            Status::Changed if self.settings.fail_on_change => Verdict::Failed(format!("changed\n{keys}")),
            Status::Ok | Status::Changed => Verdict::Passed(keys),
            _ if (result.ignored && !self.settings.fail_on_ignore) || story.rescued => Verdict::Passed(keys),
            Status::Failed => Verdict::Failed(format!("{said}\n{keys}")),
            Status::Unreachable | Status::Unknown | Status::Refused => {
                Verdict::Error(format!("{said}\n{keys}"))
            }
        }
    }
}

impl Listener for JUnit {
    fn event(&mut self, event: &Event) {
        self.story.apply(event);
        if matches!(event.kind, EventKind::RunFinished { .. })
            && let Err(error) = self.write()
        {
            crate::output::complain(&format!(
                "cannot write into {}: {error}",
                self.settings.folder.display()
            ));
        }
    }
}

fn message(tag: &str, text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    format!("<{tag} message=\"{}\" type=\"{tag}\">", escaped(first))
}
