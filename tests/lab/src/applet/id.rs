use super::site::{Site, complain, say};

/// `id [-u|-g|-G] [-n] [USER]` for the simulated users.
pub fn run(site: &Site, args: &[String]) -> u8 {
    let mut what = None;
    let mut names = false;
    let mut user = None;
    for arg in args {
        match arg.strip_prefix('-') {
            Some(flags) => {
                for flag in flags.chars() {
                    match flag {
                        'u' | 'g' | 'G' => what = Some(flag),
                        'n' => names = true,
                        other => {
                            complain(&format!("id: the lab does not simulate option -{other}"));
                            return 1;
                        }
                    }
                }
            }
            None => user = Some(arg.as_str()),
        }
    }
    let user = user.unwrap_or(&site.user);
    let Some(uid) = site.uid(user) else {
        complain(&format!("id: '{user}': no such user"));
        return 1;
    };
    match (what, names) {
        (Some(_), true) => say(user),
        (Some(_), false) => say(&uid.to_string()),
        (None, _) => say(&format!("uid={uid}({user}) gid={uid}({user}) groups={uid}({user})")),
    }
    0
}

/// `whoami`.
pub fn whoami(site: &Site) -> u8 {
    say(&site.user);
    0
}
