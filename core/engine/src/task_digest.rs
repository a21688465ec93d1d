use switchover_model::Task;

/// Returns the digest of a task's own text: the same as long as the author does not change the task itself.
pub fn task_digest(task: &Task) -> String {
    if task.action.name_span == task.span {
        // The engine's own tasks stand where the play stands.
        let name = task.name.as_ref().and_then(|name| name.as_str()).unwrap_or_default();
        return switchover_journal::digest(format!("{} {name}", task.action.name).as_bytes());
    }
    let (start, end) = (task.span.start as usize, task.span.end as usize);
    let text = task.span.source.text.get(start..end).unwrap_or_default();
    switchover_journal::digest(plain(text).as_bytes())
}

/// Where a task stands in its file, empty lines and lines of comment do not count.
fn plain(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_comment_or_another_indentation_is_no_change() {
        let one = "name: a\n  shell: b\n";
        let other = "name: a\n    # why\n\n    shell: b\n    # the next one\n";
        assert_eq!(plain(one), plain(other));
        assert_ne!(plain(one), plain("name: a\nshell: c"));
    }
}
