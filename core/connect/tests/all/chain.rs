//! Programs that share a line, of which each runs only when all before it ended well.

use switchover_protocol::*;

use crate::support::*;

async fn chain(probe: &Probe, texts: &[&str]) -> Vec<(usize, HostReply)> {
    let execs: Vec<Exec> = texts.iter().map(|text| shell(text)).collect();
    let mut replies = Vec::new();
    let mut take = |index, reply| replies.push((index, reply));
    probe.session.chain(None, &execs, &mut take, &mut ()).await;
    replies
}

fn rc(reply: &(usize, HostReply)) -> Option<i32> {
    match &reply.1 {
        HostReply::Exec(output) => Some(output.rc),
        _ => None,
    }
}

#[tokio::test]
async fn each_program_answers_with_its_own_output() {
    let probe = Probe::local().await;
    let replies = chain(&probe, &["echo a", "echo b >&2", "cat; echo c"]).await;
    let texts: Vec<_> = replies
        .iter()
        .map(|(index, reply)| match reply {
            HostReply::Exec(output) => (*index, output.stdout.to_text(), output.stderr.to_text()),
            other => panic!("{other:?}"),
        })
        .collect();
    let of = |index: usize, out: &str, err: &str| (index, out.to_owned(), err.to_owned());
    assert_eq!(texts, [of(0, "a\n", ""), of(1, "", "b\n"), of(2, "c\n", "")]);
}

#[tokio::test]
async fn nothing_runs_after_a_program_that_failed() {
    let probe = Probe::local().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let texts = [format!("touch {}", file("a")), "exit 7".to_owned(), format!("touch {}", file("c"))];
    let replies = chain(&probe, &texts.each_ref().map(String::as_str)).await;
    assert_eq!(replies.iter().map(rc).collect::<Vec<_>>(), [Some(0), Some(7)]);
    assert!(folder.path().join("a").exists());
    assert!(!folder.path().join("c").exists());
    assert_eq!(probe.sh("echo still here").await.stdout.to_text(), "still here\n");
}

#[tokio::test]
async fn an_answer_is_given_before_the_next_program_ends() {
    let probe = Probe::local().await;
    let folder = tempfile::tempdir().unwrap();
    let told = folder.path().join("told");
    let wait = format!("until [ -e {} ]; do sleep 0.02; done; echo seen", told.display());
    let execs = [shell("true"), shell(&wait)];
    let mut count = 0;
    let mut take = |index, _| {
        count += 1;
        if index == 0 {
            std::fs::write(&told, "").unwrap();
        }
    };
    probe.session.chain(None, &execs, &mut take, &mut ()).await;
    assert_eq!(count, 2);
}

#[tokio::test]
async fn what_was_sent_with_a_lost_shell_is_lost_and_not_sent_again() {
    let probe = Probe::local().await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let note = |word: &str| format!("echo {word} >> {}", log.display());
    let (a, b, c) = (note("a"), format!("{}; kill -9 $PPID", note("b")), note("c"));
    let replies = chain(&probe, &[&a, &b, &c]).await;
    assert_eq!(rc(&replies[0]), Some(0));
    for index in [1, 2] {
        assert!(
            matches!(&replies[index].1, HostReply::Error(HostError::Lost { .. })),
            "{:?}",
            replies[index]
        );
    }
    assert_eq!(replies.len(), 3);
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "a\nb\n");
}

#[tokio::test]
async fn a_program_that_makes_no_sense_is_refused_at_its_turn() {
    let probe = Probe::local().await;
    let mut odd = shell("true");
    odd.env.insert("A=B".to_owned(), "c".to_owned());
    let execs = [shell("true"), odd, shell("true")];
    let mut replies = Vec::new();
    let mut take = |index, reply| replies.push((index, reply));
    probe.session.chain(None, &execs, &mut take, &mut ()).await;
    assert_eq!(rc(&replies[0]), Some(0));
    assert!(matches!(&replies[1].1, HostReply::Error(HostError::Invalid { .. })), "{:?}", replies[1]);
    assert_eq!(replies.len(), 2);
}
