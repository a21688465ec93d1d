use switchover_sdk::prelude::*;

/// Returns a refusal: nothing was touched.
pub fn refuse(doing: &str, why: &str) -> Failure {
    Failure::new(format!("refused: {doing} {why}; nothing was changed"))
}
