use std::sync::Mutex;
use std::time::Instant;

use super::moments;

/// What came of a kind of fault; printed while all of it is tried, and at the end.
pub struct Figures {
    fault: &'static str,
    begun: Instant,
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
        Self { fault, begun: Instant::now(), counts: Mutex::default() }
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.lock().unwrap());
    }

    /// Counts one fault that was tried.
    #[expect(clippy::print_stdout, reason = "for whoever waits for hours")]
    pub fn tried(&self) {
        self.count(|counts| {
            counts.tried += 1;
            if moments::all() {
                println!("{:6} s  {}: {}", self.begun.elapsed().as_secs(), self.fault, counts.text());
            }
        });
    }

    /// Notes what is not as in an undisturbed run.
    pub fn lost(&self, what: String) {
        self.count(|counts| note(&mut counts.lost, "lost", what));
    }

    /// Notes what was started more than once.
    pub fn doubled(&self, what: String) {
        self.count(|counts| note(&mut counts.doubled, "done twice", what));
    }

    /// Prints the figures, and fails when something was lost or done twice, or too little was tried.
    #[expect(clippy::print_stdout, reason = "for whoever runs the tests")]
    pub fn settle(self, at_least: usize) {
        let counts = self.counts.into_inner().unwrap();
        println!("{}: {}", self.fault, counts.text());
        let Counts { tried, lost, doubled } = counts;
        assert!(lost.is_empty(), "{}: lost\n{}", self.fault, lost.join("\n"));
        assert!(doubled.is_empty(), "{}: done twice\n{}", self.fault, doubled.join("\n"));
        assert!(tried >= at_least, "{}: only {tried} were tried", self.fault);
    }
}

impl Counts {
    fn text(&self) -> String {
        format!("{} tried, data lost {}, double starts {}", self.tried, self.lost.len(), self.doubled.len())
    }
}

#[expect(clippy::print_stdout, reason = "nobody has to wait for the end to hear of it")]
fn note(list: &mut Vec<String>, word: &str, what: String) {
    println!("{word}: {what}");
    list.push(what);
}
