mod ini;
mod options;

use switchover_sdk::HostCall;
use switchover_sdk::prelude::*;

pub use options::YumRepositoryParams;
use switchover_sdk::text_file::{TextFile, write};

#[derive(Choice, PartialEq, Eq)]
pub enum State {
    Absent,
    Present,
}

pub struct YumRepository;

impl Module for YumRepository {
    type Params = YumRepositoryParams;
    const SPEC: Spec = Spec {
        name: "ansible.builtin.yum_repository",
        aliases: &["yum_repository"],
        summary: "Keeps a repository of packages for dnf and yum.",
        examples: &[
            (
                "A repository",
                "yum_repository: { name: epel, description: EPEL, baseurl: 'https://x/epel/$releasever/', gpgcheck: true }",
            ),
            ("No such repository", "ansible.builtin.yum_repository: { name: epel, state: absent }"),
        ],
        returns: &[("repo", "its name"), ("state", "whether it should be there")],
        ..Spec::DEFAULT
    };

    fn check(params: &YumRepositoryParams, host: &Host) -> Result<Delta, Failure> {
        params.refuse_nonsense()?;
        let path = params.path();
        let file = TextFile::read(&path, host)?;
        if file.stat.is_none() && host.stat_with(&params.reposdir, true, None)?.is_none() {
            let msg = format!("Repo directory '{}' does not exist.", params.reposdir.trim_end_matches('/'));
            return Err(Failure::new(msg));
        }
        let result = json!({ "repo": params.name, "state": params.state.word() });
        let attributes = params.attributes();
        let after = match params.state {
            State::Present => ini::with(&file.text, &params.name, &params.settings()),
            State::Absent => ini::without(&file.text, &params.name),
        };
        if params.state == State::Absent && (file.stat.is_none() || after == file.text) {
            return Ok(Delta::none_with(result));
        }
        let Some(mut change) = file.change(&after, &attributes)? else { return Ok(Delta::none_with(result)) };
        if params.has_secret() || file.text.contains("password") {
            (change.before, change.after) = (Value::Null, Value::Null);
        }
        let removes = params.state == State::Absent && after.trim().is_empty();
        let state = if removes { Value::Null } else { json!(true) };
        Ok(Delta::changes(vec![change]).with_result(result).with_state(state))
    }

    fn apply(params: &YumRepositoryParams, delta: &Delta, host: &Host) -> Result<Outcome, Failure> {
        let Delta::Some { result, state, .. } = delta else { return Ok(Outcome::default()) };
        let path = params.path();
        let call = if state.is_null() {
            HostCall::Remove { path, recursive: false }
        } else {
            // Read again rather than kept in the delta: the text may hold passwords.
            let text = TextFile::read(&path, host)?.text;
            let after = match params.state {
                State::Present => ini::with(&text, &params.name, &params.settings()),
                State::Absent => ini::without(&text, &params.name),
            };
            write(&path, after, params.attributes())
        };
        host.call(call)?;
        Ok(Outcome { changed: true, result: result.clone(), ..Outcome::default() })
    }
}

#[cfg(test)]
mod tests {
    use switchover_sdk::testing::{cases, examples};

    use super::*;

    #[test]
    fn cases_hold() {
        cases::<YumRepository>(env!("CARGO_MANIFEST_DIR"));
        examples::<YumRepository>();
    }
}
