use std::sync::Mutex;

/// What came of a kind of fault; printed when all of it was tried.
pub struct Figures {
    fault: &'static str,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    tried: usize,
    lost: Vec<String>,
    doubled: Vec<String>,
}

impl Figures {
    /// Returns the figures of this fault, with nothing tried yet.
    pub fn of(fault: &'static str) -> Self {
        Self { fault, counts: Mutex::default() }
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.lock().unwrap());
    }

    /// Counts one fault that was tried.
    pub fn tried(&self) {
        self.count(|counts| counts.tried += 1);
    }

    /// Notes what is not as in an undisturbed run.
    pub fn lost(&self, what: String) {
        self.count(|counts| counts.lost.push(what));
    }

    /// Notes what was started more than once.
    pub fn doubled(&self, what: String) {
        self.count(|counts| counts.doubled.push(what));
    }

    /// Prints the figures, and fails when something was lost or done twice, or too little was tried.
    #[expect(clippy::print_stdout, reason = "for whoever runs the tests")]
    pub fn settle(self, at_least: usize) {
        let Counts { tried, lost, doubled } = self.counts.into_inner().unwrap();
        println!("{}: {tried} tried, data lost {}, double starts {}", self.fault, lost.len(), doubled.len());
        assert!(lost.is_empty(), "{}: lost\n{}", self.fault, lost.join("\n"));
        assert!(doubled.is_empty(), "{}: done twice\n{}", self.fault, doubled.join("\n"));
        assert!(tried >= at_least, "{}: only {tried} were tried", self.fault);
    }
}
