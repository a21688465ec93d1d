//! The language, held against what ansible-core 2.19 prints: `language/record` writes `language/expected`.

mod case;
mod cases;
