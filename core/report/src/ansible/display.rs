/// What of a run is shown, and where: Ansible's settings of its default output.
#[derive(Clone, Debug)]
pub struct Display {
    /// 0 to 4.
    pub verbosity: u8,
    /// Whether skipped steps are shown.
    pub skipped: bool,
    /// Whether steps that changed nothing are shown.
    pub ok: bool,
    /// Failures go to standard error.
    pub failed_to_stderr: bool,
    /// Titles say that nothing is changed in check mode.
    pub check_markers: bool,
    /// A failure tells the file and line of its task.
    pub task_paths: bool,
    /// Each host that begins a task is told.
    pub per_host_start: bool,
    /// What `meta` tasks and flushes of handlers did, at any verbosity (`ANSIBLE_DEBUG`).
    pub meta: bool,
    /// Lines around a change that are shown with it.
    pub diff_context: usize,
    /// Bytes of the longest text that a diff compares; 0 for no limit.
    pub diff_limit: usize,
    /// Results are YAML, else JSON.
    pub yaml: bool,
    /// Results are laid out for reading whatever the verbosity; YAML is when nobody says.
    pub pretty: Option<bool>,
    /// What `set_stats` gathered is shown at the end.
    pub custom_stats: bool,
    /// The run is one in check mode.
    pub check: bool,
    /// What is told of where a task is written that stands in no file.
    pub origin: Option<String>,
}
