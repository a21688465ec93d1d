use switchover_engine::{JobAt, Kept, Life, LockProblem, LockWhy, Summary, World};
use switchover_journal::Counts;

use crate::stop::some;

/// Returns the one next command after a run that did not go through, and which locks stay.
///
/// A run with a journal is resumed by its name.
pub fn line(world: &World, summary: &Summary, run: Option<&str>) -> Option<String> {
    let lines: Vec<String> =
        [locks(world, summary), command_after(world, summary, run)].into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Returns the command that shows a job.
pub fn follow(world: &World, JobAt { key, host, user }: &JobAt) -> String {
    format!("switchover jobs{}{}{} --follow {key}", sources(world), quote(host), becoming(user.as_ref()))
}

/// Jobs are kept by the user that they run as.
fn becoming(user: Option<&(String, &'static str)>) -> String {
    match user {
        Some((user, "sudo")) => format!(" -b --become-user {}", quote(user)),
        Some((user, method)) => format!(" -b --become-method {method} --become-user {}", quote(user)),
        None => String::new(),
    }
}

/// Returns what to do about a lock that another run has.
pub fn after_lock(world: &World, problem: &LockProblem) -> Option<String> {
    let Some(host) = problem.host.as_deref() else { return after_controller_lock(problem) };
    if let LockWhy::Failed { reason } = &problem.why
        && let Some(help) = disk(host, reason)
    {
        return Some(help);
    }
    let on = format!("{}{}", sources(world), quote(host));
    let LockWhy::Held { holder, life } = &problem.why else {
        return Some(format!("`switchover unlock{on}` shows it, and takes it away with --force"));
    };
    Some(match life {
        Life::JobsRun => format!(
            "`switchover jobs{on}` shows jobs, a program is seen there with `ps`; `switchover resume {}` goes on with that run",
            holder.run
        ),
        Life::Unknown => format!(
            "look at the host; then `switchover resume {}` goes on, or `switchover unlock{on} --force` gives it up",
            holder.run
        ),
        _ => format!("wait until it has ended; `switchover unlock{on}` shows how it stands"),
    })
}

/// Says what to do where a disk is full. Small shells call that an I/O error.
fn disk(host: &str, reason: &str) -> Option<String> {
    let full = ["No space left", "Disk quota exceeded", "I/O error"].iter().any(|word| reason.contains(word));
    full.then(|| {
        format!("the disk of {host} is probably full: look there with `df -h` and `df -i`, make room, and run again")
    })
}

/// A lock on this machine is held as long as its process lives.
fn after_controller_lock(problem: &LockProblem) -> Option<String> {
    let LockWhy::Held { holder, .. } = &problem.why else { return None };
    Some(format!(
        "no host was touched; wait until that run has ended, or stop it with Ctrl-C where it runs (`kill {}` when its \
         terminal is gone). How it stands:\n    switchover runs show {}",
        holder.machine.pid, holder.run
    ))
}

/// Returns the inventory of this run as options, with blanks around.
pub fn sources(world: &World) -> String {
    let one = |source: &String| format!(" -i {}", quote(source));
    world.hosts.sources().iter().map(one).chain([" ".to_owned()]).collect()
}

/// Says why locks stay, and how they are given back.
fn locks(world: &World, summary: &Summary) -> Option<String> {
    let (hosts, kept) = (world.locks.held().join(","), summary.kept.as_ref()?);
    Some(match kept {
        Kept::Jobs => format!("The locks of {hosts} stay until the jobs of this run have ended there."),
        Kept::Unknown => format!(
            "The locks of {hosts} are kept, because how a step ended is not known; who goes on with this run has them again. \
             To give them up instead, when nothing is under way there any more: `switchover unlock{}--force {hosts}`.",
            sources(world)
        ),
    })
}

fn command_after(world: &World, summary: &Summary, run: Option<&str>) -> Option<String> {
    if !summary.locked.is_empty() {
        return None;
    }
    let any = |pick: fn(&Counts) -> u32| summary.recap.total(pick) > 0;
    let (again, how) = match run {
        Some(run) => (format!("switchover resume {run}"), "go on"),
        None => (command(), "run again"),
    };
    if let Some(broken) = &summary.broken {
        return Some(format!(
            "Stopped, because {broken}. Nothing was started that is not on record; when it can be written, {how}:\n  \
             {again}"
        ));
    }
    if summary.mistake.iter().flat_map(|mistake| &mistake.problems).any(|p| p.code == "playbook::expect") {
        return Some(format!(
            "Stopped before the play. When the host is as the play expects, {how}:\n  {again}"
        ));
    }
    let is = |code| summary.mistake.iter().flat_map(|mistake| &mistake.problems).any(|p| p.code == code);
    if is("journal::changed") {
        return Some(format!(
            "Stopped, because the playbook was changed before the point that the run had reached (see above). Bring that part \
             back as it was, such as with `git checkout`, and {how}; or begin a new run:\n  {again}"
        ));
    }
    if is("playbook::prompt") && run.is_some() {
        return Some(format!(
            "Stopped, because an answer is wanted and nobody is there to give it. At a terminal, where it is asked, {how}:\n  \
             {again}"
        ));
    }
    if is("playbook::answer") {
        return Some(format!(
            "Stopped, because an answer is not as it was (see above). With the same answer, {how}:\n  {again}"
        ));
    }
    if summary.mistake.is_some() && run.is_some() {
        return Some(format!(
            "Stopped at a mistake that only showed while the run went on. What was done stays done; after mending it, \
             {how}:\n  {again} --accept-changes"
        ));
    }
    if any(|c| c.unknown) {
        return Some(unknown(world, &again));
    }
    let unapproved = world.unapproved();
    if any(|c| c.refused) && !unapproved.is_empty() {
        return Some(format!(
            "Stopped before a step that destroys something and that nobody approved. When the loss shown above is \
             meant, {how}:\n  {again} --approve {}",
            quote(&unapproved.join(","))
        ));
    }
    if any(|c| c.refused) {
        return Some(format!(
            "Stopped before a step that may not be done yet. When that is settled (see above), {how}:\n  {again}"
        ));
    }
    if summary.stopped {
        return Some(format!("Stopped on request. What was done stays done; {how}:\n  {again}"));
    }
    let lost: Vec<&str> = summary
        .recap
        .hosts
        .iter()
        .filter(|(_, counts)| counts.failed + counts.unreachable > 0)
        .map(|(name, _)| name.as_str())
        .collect();
    (!lost.is_empty()).then(|| {
        format!("After mending {}, {how}; what is done already stays as it is:\n  {again}", some(&lost, ", "))
    })
}

/// Says of which steps nobody knows the end, and with which word of a human it goes on.
fn unknown(world: &World, again: &str) -> String {
    let open = world.journal.unfinished();
    if open.is_empty() {
        return format!(
            "A step was started and its end is unknown. Look at the host first; then, to be asked what became of it:\n  \
             {again}"
        );
    }
    let steps: String = open
        .iter()
        .map(|(number, intent)| {
            let name = intent.registers.as_ref();
            let registers = name.map(|name| format!(", registered as `{name}`")).unwrap_or_default();
            format!("\n  {number}  {}{registers}", intent.whole_title())
        })
        .collect();
    let words: Vec<String> = open.iter().map(|(number, _)| format!("{number}=done")).collect();
    let (wanted, results) = crate::assume::wanted(&open);
    format!(
        "Nobody knows how these steps ended:{steps}\nLook at the hosts first. If all of them did their work, go on with \
         what follows; write `failed` for one that did not, `again` for one that is to be done once \
         more.{wanted}\n  {again} --assume {}{results}",
        words.join(",")
    )
}

/// Returns the command that was given, as it can be typed again.
fn command() -> String {
    typed(std::env::args())
}

/// Returns words as they are typed.
pub fn typed(words: impl Iterator<Item = String>) -> String {
    words.map(|word| quote(&word)).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::{becoming, disk};

    #[test]
    fn a_full_disk_is_no_lock_to_take_away() {
        let help = disk("db1", "sh: printf: I/O error").unwrap();
        assert!(help.contains("disk of db1") && help.contains("df -h"), "{help}");
        assert!(disk("db1", "mkdir: No space left on device").is_some());
        assert!(disk("db1", "Permission denied").is_none());
    }

    #[test]
    fn a_job_of_another_user_is_followed_as_that_user() {
        let user = |method| (("app".to_owned()), method);
        assert_eq!(becoming(None), "");
        assert_eq!(becoming(Some(&user("sudo"))), " -b --become-user app");
        assert_eq!(becoming(Some(&user("su"))), " -b --become-method su --become-user app");
    }
}
