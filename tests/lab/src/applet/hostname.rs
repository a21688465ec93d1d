use super::site::{Site, complain, say};

/// `hostname [-s|-f|-i|-I]`: the host's own name and address.
pub fn run(site: &Site, args: &[String]) -> u8 {
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] | ["-s" | "-f"] => say(&site.host),
        ["-i" | "-I"] => match site.state() {
            Ok(state) => say(&state.address),
            Err(error) => {
                complain(&format!("hostname: {error}"));
                return 1;
            }
        },
        _ => {
            complain("hostname: the lab simulates -s, -f, -i and -I only");
            return 1;
        }
    }
    0
}
