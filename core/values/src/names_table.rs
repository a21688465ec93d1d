use minijinja::{Error, Value};

use crate::call::Call;

/// What a filter or test can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Plain values: lazy ones are rendered first, undefined ones go through.
    Values,
    /// Lazy values as they are; undefined ones go through.
    Lazy,
    /// Everything, undefined too.
    Anything,
}

/// The code of a filter or test.
pub type Run = fn(&mut Call<'_, '_, '_>) -> Result<Value, Error>;

/// One filter or test.
pub struct Entry {
    pub name: &'static str,
    pub run: Run,
    pub accepts: Accepts,
    pub is_test: bool,
}

/// Returns a filter of plain values.
pub const fn filter(name: &'static str, run: Run) -> Entry {
    Entry { name, run, accepts: Accepts::Values, is_test: false }
}

/// Returns a test of plain values.
pub const fn test(name: &'static str, run: Run) -> Entry {
    Entry { name, run, accepts: Accepts::Values, is_test: true }
}

impl Entry {
    /// Lets lazy values through.
    pub const fn lazy(self) -> Self {
        Self { accepts: Accepts::Lazy, ..self }
    }

    /// Lets lazy and undefined values through.
    pub const fn anything(self) -> Self {
        Self { accepts: Accepts::Anything, ..self }
    }
}
