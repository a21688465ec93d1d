//! Nodes to the model. A [`Reader`] lives for one call of the [`Loader`] and collects what is wrong on the way;
//! what is wrong is left out of the result, and the result is thrown away when anything was wrong.

mod action;
mod arguments;
mod block;
mod condition;
mod import;
mod include;
mod keywords;
mod level;
mod meta_action;
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
mod variables;

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::PathBuf;

use indexmap::IndexSet;
use switchover_syntax::{Diagnostic, Severity};

use crate::Loader;

pub(crate) use site::Site;
use trail::Stop;

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
    ///
    /// What was found twice, because a role was read twice, is told once.
    pub fn into_findings(self) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
        let mut files = IndexSet::new();
        let mut findings: Vec<_> =
            self.findings.into_inner().into_iter().map(|f| (place(&f, &mut files), f)).collect();
        findings.sort_by_key(|(place, _)| *place);
        let mut told = HashSet::new();
        findings.retain(|(place, finding)| told.insert((*place, finding.message.clone())));
        findings.into_iter().map(|(_, f)| f).partition(|finding| finding.severity == Severity::Error)
    }

    fn report(&self, finding: Diagnostic) {
        self.findings.borrow_mut().push(finding);
    }

    fn report_all(&self, findings: Vec<Diagnostic>) {
        self.findings.borrow_mut().extend(findings);
    }
}

/// Returns which file and where in it, as numbers that sort.
fn place(finding: &Diagnostic, files: &mut IndexSet<PathBuf>) -> (usize, u32) {
    finding.labels.first().map_or((0, 0), |label| {
        let (file, _) = files.insert_full(label.span.source.name.clone());
        (file, label.span.start)
    })
}
