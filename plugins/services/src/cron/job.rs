use switchover_sdk::prelude::*;

/// When a job runs, field by field.
#[derive(Params)]
pub struct Times {
    /// 0 to 59, `*`, `*/2`.
    #[param(default = "*")]
    pub minute: String,
    /// 0 to 23, `*`, `*/2`.
    #[param(default = "*")]
    pub hour: String,
    /// Of the month: 1 to 31, `*`, `*/2`.
    #[param(default = "*", alias = "dom")]
    pub day: String,
    /// 1 to 12, `*`, `*/2`.
    #[param(default = "*")]
    pub month: String,
    /// 0 (Sunday) to 6, `*`.
    #[param(default = "*", alias = "dow")]
    pub weekday: String,
}

/// Words for times that need no fields.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialTime {
    Annually,
    Daily,
    Hourly,
    Monthly,
    Reboot,
    Weekly,
    Yearly,
}

impl Times {
    /// Returns each minute.
    pub fn always() -> Self {
        let any = || "*".to_owned();
        Self { minute: any(), hour: any(), day: any(), month: any(), weekday: any() }
    }

    fn fields(&self) -> [&str; 5] {
        [&self.minute, &self.hour, &self.day, &self.month, &self.weekday]
    }

    /// Returns whether any field says more than `*`.
    pub fn is_given(&self) -> bool {
        self.fields().iter().any(|field| *field != "*")
    }

    /// Returns the five fields of a line.
    pub fn line(&self) -> String {
        self.fields().join(" ")
    }
}
