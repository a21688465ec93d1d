//! Nodes to the model. A [`Reader`] lives for one call of the [`Loader`] and collects what is wrong on the way;
//! what is wrong is left out of the result, and the result is thrown away when anything was wrong.

mod action;
mod action_groups;
mod arguments;
mod block;
mod condition;
mod effect;
mod findings;
mod import;
mod include;
mod keywords;
mod level;
mod meta_action;
mod module_defaults;
mod old_action;
mod play;
mod playbook;
mod prompt;
mod repeat;
mod role;
mod role_entry;
mod role_files;
mod role_meta;
mod role_search;
mod settle;
mod site;
mod task;
mod task_file;
mod templates;
mod trail;
mod validation;
mod variables;

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::PathBuf;

use switchover_syntax::{Diagnostic, Severity};

use crate::Loader;

pub use include::include_arguments;
pub use meta_action::META_ACTIONS;
pub use repeat::LOOP_CONTROLS;
pub(crate) use site::Site;
use trail::Stop;
pub use variables::is_variable_name;

/// Reads with one loader's settings, collecting problems.
pub(crate) struct Reader<'l> {
    loader: &'l Loader,
    findings: RefCell<Vec<Diagnostic>>,
    /// The files and roles that are being read, outermost first.
    trail: RefCell<Vec<Stop>>,
    /// Files whose templates were checked: a role that is used ten times is checked once.
    checked: RefCell<HashSet<(PathBuf, u32)>>,
}

impl<'l> Reader<'l> {
    pub fn new(loader: &'l Loader) -> Self {
        Self { loader, findings: RefCell::default(), trail: RefCell::default(), checked: RefCell::default() }
    }

    /// Returns errors and warnings, each file's in the order of its lines, files in the order in which they were read.
    pub fn into_findings(self) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
        let findings = findings::in_order(self.findings.into_inner());
        findings.into_iter().partition(|finding| finding.severity == Severity::Error)
    }

    fn report(&self, finding: Diagnostic) {
        self.findings.borrow_mut().push(finding);
    }

    fn report_all(&self, findings: Vec<Diagnostic>) {
        self.findings.borrow_mut().extend(findings);
    }
}
