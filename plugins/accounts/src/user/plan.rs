use switchover_sdk::Level;
use switchover_sdk::prelude::*;

use super::{State, UserParams, home, password};
use crate::accounts::missing_tool;
use crate::steps::Steps;
use crate::user::look::Seen;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// The programs that make an account what it should be.
#[derive(Default)]
pub struct Plan {
    pub steps: Steps,
    /// The account is made anew.
    pub creates: bool,
    /// One of the steps reads the password.
    pub password: bool,
    /// An SSH key is made afterwards.
    pub ssh_key: bool,
    /// The key was asked for, but another is there.
    key_is_kept: bool,
    before: Map,
    after: Map,
}

impl Plan {
    /// Compares what is wanted with what is.
    pub fn make(params: &UserParams, seen: &Seen) -> Result<Self, Failure> {
        let mut plan = Self::default();
        match (&params.state, &seen.user) {
            (State::Absent, None) => {}
            (State::Absent, Some(_)) => plan.remove(params, seen)?,
            (State::Present, None) => plan.create(params, seen)?,
            (State::Present, Some(_)) => plan.modify(params, seen)?,
        }
        if params.state == State::Present {
            plan.set_password(params, seen)?;
            plan.set_ages(params, seen)?;
            if params.generate_ssh_key {
                plan.key_is_kept = seen.key.is_some() && !params.force;
                plan.ssh_key = !plan.key_is_kept;
            }
        }
        Ok(plan)
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && !self.ssh_key
    }

    /// Returns what `apply` needs to know. No secret is in it.
    pub fn state(&self) -> Value {
        json!({
            "steps": self.steps.to_value(), "creates": self.creates,
            "password": self.password, "ssh_key": self.ssh_key,
        })
    }

    /// Returns what differs, as `--diff` shows it.
    pub fn changes(&self, params: &UserParams) -> Vec<Change> {
        let mut after = self.after.clone();
        if self.ssh_key {
            after.insert("ssh_key".into(), json!("made"));
        }
        let what = format!("user {}", params.name);
        vec![Change { what, before: json!(self.before), after: json!(after), ..Change::default() }]
    }

    /// Says what is not done although it was asked for.
    pub fn warn(&self, params: &UserParams, host: &Host) -> Result<(), Failure> {
        if !self.key_is_kept {
            return Ok(());
        }
        let file = super::ssh_key::file(params);
        let text = format!(
            "Found existing ssh key private file \"{file}\", no force, so skipping ssh-keygen generation"
        );
        host.log(Level::Warning, text)
    }

    fn differ(&mut self, what: &str, before: impl Into<Value>, after: impl Into<Value>) {
        self.before.insert(what.to_owned(), before.into());
        self.after.insert(what.to_owned(), after.into());
    }

    fn remove(&mut self, params: &UserParams, seen: &Seen) -> Result<(), Failure> {
        let mut argv = tool("userdel", seen)?;
        argv.extend(params.force.then(|| "-f".to_owned()));
        argv.extend(params.remove.then(|| "-r".to_owned()));
        argv.push(params.name.clone());
        self.steps.push(argv);
        self.differ("state", "present", "absent");
        Ok(())
    }

    fn create(&mut self, params: &UserParams, seen: &Seen) -> Result<(), Failure> {
        self.creates = true;
        self.differ("state", "absent", "present");
        let mut argv = tool("useradd", seen)?;
        let mut option = |name: &str, value: Option<String>| {
            argv.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
        };
        option("-u", params.uid.map(|uid| uid.to_string()));
        option("-Z", params.seuser.clone());
        option("-g", params.group.as_deref().map(|group| group_name(group, seen)).transpose()?);
        if let Some(groups) = params.wanted_groups().filter(|groups| !groups.is_empty()) {
            option("-G", Some(group_names(&groups, seen)?.join(",")));
        }
        option("-c", params.comment.clone());
        option("-d", params.home.as_deref().map(str::to_owned));
        option("-s", params.shell.as_deref().map(str::to_owned));
        option("-e", params.expires.filter(|expires| *expires >= 0.0).map(date).transpose()?);
        option("-f", params.password_expire_account_disable.map(|days| days.to_string()));
        for (word, limit) in [("UID_MIN", params.uid_min), ("UID_MAX", params.uid_max)] {
            option("-K", limit.map(|limit| format!("{word}={limit}")));
        }
        if params.create_home {
            option("-k", params.skeleton.clone());
            option("-K", params.umask.as_ref().map(|umask| format!("UMASK={umask}")));
            self.steps_above(params);
        }
        // A group of the user's name would make `useradd` fail, which wants to make it.
        let taken = params.group.is_none() && seen.groups.iter().any(|group| group.name == params.name);
        let flags = [
            (params.uid.is_some() && params.non_unique, "-o"),
            (taken, "-N"),
            (params.system, "-r"),
            (params.create_home, "-m"),
            (!params.create_home, "-M"),
        ];
        argv.extend(flags.iter().filter(|(on, _)| *on).map(|(_, flag)| (*flag).to_owned()));
        argv.push(params.name.clone());
        self.steps.push(argv);
        Ok(())
    }

    fn steps_above(&mut self, params: &UserParams) {
        if let Some(argv) = params.home.as_deref().and_then(home::make_parent) {
            self.steps.push(argv);
        }
    }

    fn modify(&mut self, params: &UserParams, seen: &Seen) -> Result<(), Failure> {
        let mut argv = Vec::new();
        self.modify_entry(params, seen, &mut argv)?;
        self.modify_groups(params, seen, &mut argv)?;
        self.modify_expiry(params, seen, &mut argv)?;
        if !password::differs(params, seen)
            && let Some(option) = password::lock_option(params, seen)
        {
            argv.push(option.to_owned());
            self.differ("password_lock", option == "-U", option == "-L");
        }
        if !argv.is_empty() {
            let mut whole = tool("usermod", seen)?;
            whole.extend(argv);
            whole.push(params.name.clone());
            self.steps.push(whole);
        }
        let (Some(user), true) = (&seen.user, params.create_home) else { return Ok(()) };
        let wanted = params.home.as_deref().unwrap_or(&user.home);
        if !seen.home_exists {
            if wanted == user.home || !params.move_home || !seen.old_home_exists {
                self.differ("home folder", "absent", wanted);
            }
            self.steps.push(home::make(params, wanted));
        }
        Ok(())
    }

    fn modify_entry(
        &mut self,
        params: &UserParams,
        seen: &Seen,
        argv: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let Some(user) = &seen.user else { return Ok(()) };
        if let Some(uid) = params.uid.filter(|uid| *uid != user.uid) {
            argv.extend(["-u".to_owned(), uid.to_string()]);
            argv.extend(params.non_unique.then(|| "-o".to_owned()));
            self.differ("uid", user.uid, uid);
        }
        if let Some(group) = &params.group {
            let name = group_name(group, seen)?;
            let gid = seen.group(group).map_or(user.gid, |group| group.gid);
            if gid != user.gid {
                argv.extend(["-g".to_owned(), name]);
                self.differ("group", user.gid, gid);
            }
        }
        let texts = [
            ("-c", "comment", &params.comment, &user.comment),
            ("-s", "shell", &params.shell.as_ref().map(|shell| shell.0.clone()), &user.shell),
            ("-d", "home", &params.home.as_ref().map(|home| home.0.clone()), &user.home),
        ];
        for (option, what, wanted, is) in texts {
            let Some(wanted) = wanted.as_ref().filter(|wanted| *wanted != is) else { continue };
            argv.extend([option.to_owned(), wanted.clone()]);
            argv.extend((what == "home" && params.move_home).then(|| "-m".to_owned()));
            self.differ(what, is.as_str(), wanted.as_str());
        }
        Ok(())
    }

    fn modify_groups(
        &mut self,
        params: &UserParams,
        seen: &Seen,
        argv: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let (Some(user), Some(wanted)) = (&seen.user, params.wanted_groups()) else { return Ok(()) };
        let primary =
            params.group.as_deref().and_then(|group| seen.group(group)).map_or(user.gid, |group| group.gid);
        let mut wanted = group_names(&wanted, seen)?;
        wanted.retain(|name| seen.group(name).is_none_or(|group| group.gid != primary));
        wanted.sort();
        wanted.dedup();
        let mut is: Vec<String> = seen
            .memberships
            .iter()
            .filter(|group| group.gid != primary)
            .map(|group| group.name.clone())
            .collect();
        is.sort();
        let missing: Vec<String> = wanted.iter().filter(|name| !is.contains(name)).cloned().collect();
        if params.append && !missing.is_empty() {
            argv.extend(["-a".to_owned(), "-G".to_owned(), missing.join(",")]);
            let all: Vec<String> = is.iter().chain(&missing).cloned().collect();
            self.differ("groups", is, all);
        } else if !params.append && wanted != is {
            argv.extend(["-G".to_owned(), wanted.join(",")]);
            self.differ("groups", is, wanted);
        }
        Ok(())
    }

    fn modify_expiry(
        &mut self,
        params: &UserParams,
        seen: &Seen,
        argv: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let Some(expires) = params.expires else { return Ok(()) };
        let is = seen.shadow(7);
        if expires < 0.0 {
            if !matches!(is, "" | "-1") {
                argv.extend(["-e".to_owned(), String::new()]);
                self.differ("expires", is, "never");
            }
        } else if is.parse() != Ok((expires / DAY).floor() as i64) {
            let wanted = date(expires)?;
            argv.extend(["-e".to_owned(), wanted.clone()]);
            self.differ("expires", is, wanted);
        }
        Ok(())
    }

    fn set_password(&mut self, params: &UserParams, seen: &Seen) -> Result<(), Failure> {
        if password::differs(params, seen) {
            self.password = true;
            let mut argv = tool("chpasswd", seen)?;
            argv.push("-e".to_owned());
            self.steps.push(argv);
            self.differ("password", "(another)", "(as asked)");
        }
        Ok(())
    }

    fn set_ages(&mut self, params: &UserParams, seen: &Seen) -> Result<(), Failure> {
        let inactive = params.password_expire_account_disable.filter(|_| seen.user.is_some());
        let ages = [
            ("-m", "password_expire_min", params.password_expire_min, 3),
            ("-M", "password_expire_max", params.password_expire_max, 4),
            ("-W", "password_expire_warn", params.password_expire_warn, 5),
            ("-I", "password_expire_account_disable", inactive, 6),
        ];
        let mut argv = Vec::new();
        for (option, what, wanted, field) in ages {
            let is = seen.shadow(field).parse().unwrap_or(-1);
            let Some(wanted) = wanted.filter(|wanted| *wanted != is) else { continue };
            argv.extend([option.to_owned(), wanted.to_string()]);
            self.differ(what, is, wanted);
        }
        if !argv.is_empty() {
            let mut whole = tool("chage", seen)?;
            whole.extend(argv);
            whole.push(params.name.clone());
            self.steps.push(whole);
        }
        Ok(())
    }
}

fn tool(name: &str, seen: &Seen) -> Result<Vec<String>, Failure> {
    if seen.tools.iter().any(|tool| tool == name) {
        Ok(vec![name.to_owned()])
    } else {
        Err(missing_tool(name))
    }
}

fn group_name(word: &str, seen: &Seen) -> Result<String, Failure> {
    let found = seen.group(word).map(|group| group.name.clone());
    found.ok_or_else(|| Failure::new(format!("Group {word} does not exist")))
}

fn group_names(words: &[&str], seen: &Seen) -> Result<Vec<String>, Failure> {
    words.iter().map(|word| group_name(word, seen)).collect()
}

/// Returns the day, as `usermod -e` takes it.
fn date(seconds: f64) -> Result<String, Failure> {
    let time = jiff::Timestamp::from_second(seconds as i64)
        .map_err(|_| Failure::arguments(format!("argument `expires` is no time: {seconds}")))?;
    Ok(time.strftime("%Y-%m-%d").to_string())
}
