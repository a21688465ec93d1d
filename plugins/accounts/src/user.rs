mod home;
mod look;
mod password;
mod plan;
mod ssh_key;

use switchover_sdk::prelude::*;
use switchover_sdk::{HostCall, HostReply};

use crate::accounts::{Passwd, refuse_bad_name};
use crate::steps::Steps;
use look::Seen;
use plan::Plan;

#[derive(Params)]
pub struct UserParams {
    /// The user.
    #[param(alias = "user")]
    pub name: String,
    /// Whether the account should be there.
    #[param(default = "present")]
    pub state: State,
    /// Its number.
    pub uid: Option<u32>,
    /// Lets the number be one that another user has.
    #[param(default = false)]
    pub non_unique: bool,
    /// The primary group, by name or number.
    pub group: Option<String>,
    /// Further groups; the user is removed from all others unless `append` is set. Empty: none.
    pub groups: Option<Vec<String>>,
    /// Only adds to `groups`, removes from none.
    #[param(default = false)]
    pub append: bool,
    /// The comment (GECOS).
    pub comment: Option<String>,
    /// The home folder.
    pub home: Option<HostPath>,
    /// Makes the home folder when it is not there.
    #[param(default = true, alias = "createhome")]
    pub create_home: bool,
    /// Moves the old home folder to `home`.
    #[param(default = false)]
    pub move_home: bool,
    /// The folder whose files a new home folder gets.
    pub skeleton: Option<String>,
    /// The umask of a new home folder.
    pub umask: Option<String>,
    /// The login shell.
    pub shell: Option<HostPath>,
    /// Makes a system account; an existing one stays as it is.
    #[param(default = false)]
    pub system: bool,
    /// The hash of the password, as `crypt` makes it.
    #[param(secret)]
    pub password: Option<Secret>,
    /// Whether the password of an existing account is set.
    #[param(default = "always")]
    pub update_password: UpdatePassword,
    /// Locks or unlocks the password.
    pub password_lock: Option<bool>,
    /// Days after which a password must be changed.
    pub password_expire_max: Option<i64>,
    /// Days before which a password may not be changed.
    pub password_expire_min: Option<i64>,
    /// Days of warning before a password expires.
    pub password_expire_warn: Option<i64>,
    /// Days after which an account with an expired password is disabled.
    pub password_expire_account_disable: Option<i64>,
    /// When the account ends, in seconds since 1970; negative for never.
    pub expires: Option<f64>,
    /// With `state: absent`, removes even who is logged in; with `generate_ssh_key`, replaces the key.
    #[param(default = false)]
    pub force: bool,
    /// With `state: absent`, removes the home folder and the mail too.
    #[param(default = false)]
    pub remove: bool,
    /// Makes an SSH key for the user.
    #[param(default = false)]
    pub generate_ssh_key: bool,
    /// The bits of the key; 0 for what `ssh-keygen` thinks best.
    #[param(default = 0)]
    pub ssh_key_bits: u32,
    /// The type of the key.
    #[param(default = "rsa")]
    pub ssh_key_type: String,
    /// The key's file, relative to the home folder; `.ssh/id_TYPE` by default.
    pub ssh_key_file: Option<HostPath>,
    /// The key's comment; `ansible-generated on NAME` by default.
    pub ssh_key_comment: Option<String>,
    /// The key's passphrase.
    #[param(secret)]
    pub ssh_key_passphrase: Option<Secret>,
    /// The smallest number that a new user may get.
    pub uid_min: Option<u32>,
    /// The largest number that a new user may get.
    pub uid_max: Option<u32>,
    /// The SELinux user of a new account.
    pub seuser: Option<String>,
    /// Ansible's way to libuser's tools.
    #[param(default = false, refused = "it is for libuser's tools; useradd makes local accounts anyway")]
    pub local: bool,
    #[param(flatten)]
    #[expect(dead_code, reason = "known because playbooks for several systems give it")]
    pub elsewhere: Elsewhere,
}

/// What only other systems know. As with Ansible it has no effect on Linux.
#[derive(Params)]
#[expect(dead_code, reason = "known because playbooks for several systems give it")]
pub struct Elsewhere {
    /// Has no effect here: for BSD.
    pub login_class: Option<String>,
    /// Has no effect here: for macOS.
    pub hidden: Option<bool>,
    /// Has no effect here: for Solaris.
    pub profile: Option<String>,
    /// Has no effect here: for Solaris.
    pub authorization: Option<String>,
    /// Has no effect here: for Solaris.
    pub role: Option<String>,
}

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

#[derive(Choice, PartialEq, Eq)]
pub enum UpdatePassword {
    Always,
    OnCreate,
}

pub struct User;

impl Module for User {
    type Params = UserParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.user",
        aliases: &["user"],
        summary: "Keeps the account of a user.",
        description: "Passwords and passphrases reach the host's tools on standard input.",
        examples: &[
            (
                "In further groups",
                "user: { name: deploy, shell: /bin/bash, groups: [docker, adm], append: true }",
            ),
            ("With an SSH key", "user: { name: backup, generate_ssh_key: true, ssh_key_type: ed25519 }"),
            ("Gone, with all it had", "user: { name: deploy, state: absent, remove: true }"),
        ],
        returns: &[
            ("name", "the user"),
            ("state", "whether it should be there"),
            ("uid", "its number"),
            ("group", "the number of its primary group"),
            ("groups", "the further groups, as asked"),
            ("comment", "its comment"),
            ("home", "its home folder"),
            ("shell", "its login shell"),
            ("create_home", "as asked, for a new account"),
            ("system", "as asked, for a new account"),
            ("append", "as asked, for an existing account"),
            ("move_home", "as asked, for an existing account"),
            ("password", "`NOT_LOGGING_PASSWORD` when one was given"),
            ("ssh_fingerprint", "the fingerprint of the key"),
            ("ssh_key_file", "the file of the key"),
            ("ssh_public_key", "the public key"),
        ],
        ..Spec::DEFAULT
    };

    fn check(params: &UserParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        password::warn(params, host)?;
        let seen = Seen::read(&host.output(&look::command(params))?, &params.name);
        let plan = Plan::make(params, &seen)?;
        plan.warn(params, host)?;
        let mut result = params.result(&seen, plan.creates);
        ssh_key::existing(params, &seen, &mut result);
        if plan.is_empty() {
            return Ok(Delta::None { result });
        }
        Ok(Delta::Some { changes: plan.changes(params), result, state: plan.state() })
    }

    fn apply(params: &UserParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let state = delta.state();
        let mut command = Steps::from_value(&state["steps"]).command();
        if let Some(line) = password::line(params).filter(|_| state["password"] == json!(true)) {
            command = command.stdin(line);
        }
        let look = look::command(params).into_exec();
        let replies = host.many(vec![HostCall::Exec(command.into_exec()), HostCall::Exec(look)])?;
        let [HostReply::Exec(done), HostReply::Exec(after)] = replies.as_slice() else {
            return host.fail_with(None);
        };
        if done.rc != 0 {
            let failure = Failure::new(done.stderr.to_text()).with("rc", done.rc);
            return Err(failure.with("name", &*params.name));
        }
        let seen = Seen::read(&after.stdout.to_text(), &params.name);
        let mut result =
            params.result(&seen, state["creates"] == json!(true) || params.state == State::Absent);
        for (key, said) in [("stdout", &done.stdout), ("stderr", &done.stderr)] {
            if !said.0.is_empty() {
                result.insert(key.to_owned(), json!(said.to_text()));
            }
        }
        match (state["ssh_key"] == json!(true), &seen.user) {
            (true, Some(user)) => ssh_key::make(params, user, host, &mut result)?,
            _ => ssh_key::existing(params, &seen, &mut result),
        }
        Ok(Outcome { changed: true, result, ..Outcome::default() })
    }
}

impl UserParams {
    fn refuse_nonsense(&self) -> Result<(), Failure> {
        refuse_bad_name(&self.name)?;
        password::refuse_nonsense(self)
    }

    /// Returns the further groups that are asked for; `None` when nothing is said of them.
    fn wanted_groups(&self) -> Option<Vec<&str>> {
        let groups = self.groups.as_ref()?;
        Some(groups.iter().map(|group| group.trim()).filter(|group| !group.is_empty()).collect())
    }

    fn result(&self, seen: &Seen, new: bool) -> Map {
        let mut result = Map::new();
        let mut put = |key: &str, value: Value| drop(result.insert(key.to_owned(), value));
        put("name", json!(self.name));
        put("state", json!(self.state.word()));
        if self.state == State::Absent {
            if seen.user.is_some() || new {
                put("force", json!(self.force));
                put("remove", json!(self.remove));
            }
            return result;
        }
        if new {
            put("system", json!(self.system));
            put("create_home", json!(self.create_home));
        } else {
            put("append", json!(self.append));
            put("move_home", json!(self.move_home));
        }
        if self.password.is_some() {
            put("password", json!("NOT_LOGGING_PASSWORD"));
        }
        if let (Some(_), Some(groups)) = (&seen.user, self.wanted_groups()) {
            put("groups", json!(groups.join(",")));
        }
        if let Some(Passwd { uid, gid, comment, home, shell, .. }) = &seen.user {
            put("uid", json!(uid));
            put("group", json!(gid));
            put("comment", json!(comment));
            put("home", json!(home));
            put("shell", json!(shell));
        }
        result
    }
}

#[cfg(test)]
mod tests;
