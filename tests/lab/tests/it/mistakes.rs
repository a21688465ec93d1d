//! What operators and runners do wrong, and how the lab shows it.

use switchover_lab::sim::{Dataset, Expectation, Update};
use switchover_lab::{Kind, Options};

use super::client::{collect, read_until, until};
use super::pair::Pair;

fn slow(options: Options) -> Options {
    Options { scale: 0.0001, ..options }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kvstore_copy_on_the_primary_loses_production_data() {
    let pair = Pair::start().await;
    pair.added().await;
    let output = pair.action("primary", "cluster_kvstore_copy").await;
    assert_eq!(output.code, Some(1));
    let state = pair.lab.state("primary").unwrap();
    assert_eq!(state.product.unwrap().data.kvstore, Dataset::empty());
    assert_eq!(state.losses[0].data, Kind::Kvstore);
    let found = pair.problems(Expectation::Updated);
    assert!(found.iter().any(|problem| problem.contains("LOST kvstore")), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_of_a_running_copy_corrupts_it() {
    let pair = Pair::with(slow).await;
    pair.added().await;
    let command = pair.shell("secondary", "alation_action cluster_kvstore_copy");
    let mut first = pair.secondary.start(&command).await;
    read_until(&mut first, "(5 %)").await;
    let second = pair.secondary.run(&command).await;
    assert_eq!(second.code, Some(0));
    assert_eq!(collect(first.split().0).await.code, Some(0));
    let state = pair.lab.state("secondary").unwrap();
    assert_eq!(state.double_starts.len(), 1);
    assert!(state.product.unwrap().data.kvstore.corrupt);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_copy_leaves_half_of_the_data() {
    let pair = Pair::with(slow).await;
    pair.added().await;
    let tree = pair.lab.layout().host("secondary").current();
    let inner = "echo $$; exec alation_action cluster_replicate_postgres";
    let command = format!("exec sudo -n chroot {} /bin/su - alationadmin -c '{inner}'", tree.display());
    let mut copy = pair.secondary.start(&command).await;
    let said = read_until(&mut copy, "(10 %)").await;
    let pid = said.lines().next().unwrap();
    pair.secondary.run(&format!("kill -9 {pid}")).await.good();
    let output = collect(copy.split().0).await;
    assert_eq!(output.signal.as_deref(), Some("KILL"));
    let product = pair.lab.state("secondary").unwrap().product.unwrap();
    assert_eq!(product.running, []);
    let percent = product.data.postgres.percent;
    assert!((10..100).contains(&percent), "{percent}");
    pair.action("secondary", "cluster_replicate_postgres").await.good();
    assert!(pair.lab.state("secondary").unwrap().product.unwrap().data.postgres.is_whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_without_a_session_of_its_own_dies_with_the_connection() {
    let pair = Pair::with(slow).await;
    pair.split().await;
    pair.unpack("secondary").await.good();
    pair.lab.set_fault(&"update-drops-session@secondary".parse().unwrap(), true).unwrap();
    let output = pair.secondary.run(&pair.update_command("secondary")).await;
    assert_eq!(output.code, None);
    let update = until("the end of the update", || async {
        let update = pair.lab.state("secondary").unwrap().product.unwrap().update;
        (!matches!(update, Update::Running { .. })).then_some(update)
    })
    .await;
    assert!(matches!(update, Update::Stopped { percent: 50..100 }), "{update:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_in_a_session_of_its_own_outlives_the_connection() {
    let pair = Pair::with(slow).await;
    pair.split().await;
    pair.unpack("secondary").await.good();
    pair.lab.set_fault(&"update-drops-session@secondary".parse().unwrap(), true).unwrap();
    let update = pair.update_command("secondary");
    let output = pair.secondary.run(&format!("setsid {update} >out 2>&1 </dev/null & sleep 60")).await;
    assert_eq!(output.code, None);
    until("the end of the connection", || async { (!pair.secondary.is_open()).then_some(()) }).await;
    until("the update", || async {
        let update = pair.lab.state("secondary").unwrap().product.unwrap().update;
        (update == Update::Done).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skipped_event_bus_is_found() {
    let pair = Pair::start().await;
    pair.added().await;
    for action in ["cluster_kvstore_copy", "cluster_replicate_postgres"] {
        pair.action("secondary", action).await.good();
    }
    let eventbus = pair.lab.state("primary").unwrap().product.unwrap().data.eventbus.describe();
    assert_eq!(
        pair.problems(Expectation::Updated),
        [
            format!("secondary: eventbus is empty, the primary has {eventbus}"),
            "secondary: cluster_start_kafka_sync was done 0 times, not 1".to_owned(),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_works_without_the_rights_for_it() {
    let pair = Pair::start().await;
    let tree = pair.lab.layout().host("primary").current().display().to_string();
    let output = pair.primary.run(&format!("chroot {tree} /bin/su - alationadmin -c id")).await;
    let wanted = format!("chroot: cannot change root directory to '{tree}': Operation not permitted\n");
    assert_eq!((output.err(), output.code), (wanted, Some(125)));
    let init = pair.lab.layout().host("primary").init().display().to_string();
    let output = pair.primary.run(&format!("{init} update")).await;
    assert_eq!((output.err().as_str(), output.code), ("alation: must be run as root\n", Some(1)));
    let output = pair.primary.run("su - root -c id").await;
    assert_eq!((output.err().as_str(), output.code), ("su: Authentication failure\n", Some(1)));
    let output = pair.primary.run("alation_action cluster_add_slaves").await;
    assert_eq!(output.code, Some(127));
}
