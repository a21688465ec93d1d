mod key_values;
mod split;
mod unescape;

pub use key_values::{KeyValues, Pair, split_key_values};
pub use split::{SplitError, first_word};
