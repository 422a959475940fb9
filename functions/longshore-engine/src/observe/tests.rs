use longshore::run::{Addressee, Class, WorkResult, WorkStatus};
use serde_json::{Value, json};

use super::*;
use crate::{
    claim_fence,
    fakes::{
        Cloud, Death, at_every_call, event, message, ready, together, ways, with_detail,
        with_settings,
    },
    report,
};

mod retries;

/// A cloud whose only run has one attempt and is launched.
fn one_attempt() -> (Cloud, String) {
    Cloud::with_a_launch_of(&with_settings("v1", "0A", &json!({"retry": {"attempts": 1}})))
}

#[test]
fn a_task_runs_and_stops_and_its_run_ends_once() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let run = cloud.run();
    let running = cloud.observe(&event(&run, &task, "RUNNING", 3, 0)).unwrap();
    assert_eq!(running, Observed::Changed(run.id.clone(), State::Running));
    let stopped = event(&run, &task, "STOPPED", 5, 0);
    let ended = cloud.observe(&stopped).unwrap();
    assert_eq!(ended, Observed::Changed(run.id.clone(), State::Succeeded));
    for body in [&stopped, &event(&run, &task, "RUNNING", 3, 0)] {
        let late = cloud.observe(body).unwrap();
        assert_eq!(late, Observed::Ignored(run.id.clone(), Refused::Ended));
    }
    assert_eq!(cloud.ledger.counts(), [Class::Succeeded]);
    assert_eq!(cloud.outlet.sent(Addressee::Bus).len(), 1);
    assert_eq!(cloud.outlet.sent(Addressee::Failed), []);
}

#[test]
fn two_copies_of_a_stop_at_once_end_the_run_once() {
    for way in ways() {
        let (cloud, task) = one_attempt();
        let body = cloud.exit_of(&task, 1);
        let (a, b) = (cloud.fresh(), cloud.fresh());
        let (first, other) =
            together(cloud.observation(&a, &body), cloud.observation(&b, &body), way);
        assert!(first.is_ok() && other.is_ok(), "{way:?}: {first:?} {other:?}");
        assert_eq!(cloud.ledger.counts(), [Class::Work], "{way:?}");
        let read = [Addressee::Failed, Addressee::Bus].map(|to| cloud.outlet.read(to).len());
        assert_eq!(read, [1, 1], "{way:?}");
    }
}

#[test]
fn a_stop_before_its_launch_is_recorded_ends_the_run_and_the_message() {
    let (cloud, task) = Cloud::with_an_unrecorded_launch();
    let run = cloud.run();
    cloud.observe(&event(&run, &task, "STOPPED", 5, 0)).unwrap();
    assert_eq!(cloud.run().state, State::Succeeded);
    let again = cloud.deliver(&message("v1", "0A")).unwrap();
    assert_eq!(again, crate::Handled::Duplicate(run.id));
    assert_eq!(cloud.ecs.calls().len(), 1);
}

#[test]
fn a_death_at_any_call_counts_a_failure_once_and_tells_of_it() {
    let observe = |cloud: &Cloud, task: &String| {
        let body = cloud.exit_of(task, 1);
        (cloud.observe(&body), body)
    };
    let deaths = at_every_call(one_attempt, observe, |cloud, _, (first, body), at| {
        // A process may die when the run has ended, all is told and the next one looked for.
        if first.is_err() {
            // The message comes back when its queue's visibility timeout is over.
            cloud.world.pass(360);
            cloud.observe(&body).unwrap();
        }
        assert_eq!(cloud.ledger.counts(), [Class::Work], "{at}");
        for to in [Addressee::Failed, Addressee::Bus] {
            let read = cloud.outlet.read(to);
            assert_eq!(read.len(), 1, "{at}");
            assert_eq!(read[0].body["logs"]["stream"], "work/app/0", "{at}");
            assert!(cloud.outlet.sent(to).len() <= 2, "{at}");
        }
        assert_eq!(cloud.run().due, None, "nothing is owed any more, {at}");
    });
    let calls = "read, look up, settle, what is owed, send twice, record twice, the newest";
    assert_eq!(deaths, 2 * 9, "{calls}");
}

#[test]
fn events_of_other_tasks_change_nothing() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let run = cloud.run();
    let foreign: [Value; 6] = [
        json!({"startedBy": "ecs-svc/1"}),
        json!({"startedBy": ""}),
        json!({"startedBy": "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/1/1"}),
        json!({"startedBy": format!("{}/1", run.launch_id())}),
        json!({"clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/other"}),
        json!({"taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/evil:1"}),
    ];
    for other in foreign {
        let body = with_detail(&run, &task, "STOPPED", 5, 0, &other);
        assert_eq!(cloud.observe(&body).unwrap(), Observed::Foreign, "{other}");
    }
    for other in [
        json!({"taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/longshore/evil"}),
        json!({"startedBy": format!("ls/{}/1/2", run.id)}),
        json!({"startedBy": format!("ls/{}/2/1", run.id)}),
    ] {
        let body = with_detail(&run, &task, "STOPPED", 5, 0, &other);
        let stale = Observed::Ignored(run.id.clone(), Refused::Stale);
        assert_eq!(cloud.observe(&body).unwrap(), stale, "{other}");
    }
    let pending = cloud.observe(&event(&run, &task, "PENDING", 2, 0)).unwrap();
    assert_eq!(pending, Observed::Ignored(run.id.clone(), Refused::Duplicate));
    assert_eq!(cloud.run(), run);
}

#[test]
fn what_is_no_task_event_is_dead_lettered_with_its_reason() {
    let (cloud, _) = Cloud::with_a_launched_run();
    assert_eq!(cloud.observe("{}").unwrap(), Observed::DeadLettered);
    let sent = cloud.dead_letters.sent();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].1.contains("not an ECS Task State Change event"), "{sent:?}");
    cloud.process.at(0, Death::Before);
    assert!(cloud.observe("{}").is_err(), "it comes back until the dead letter is sent");
}

#[test]
fn what_the_worker_reported_decides_though_it_crashed_later() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let run = cloud.run();
    let done = WorkResult::new(WorkStatus::Done, "");
    ready(claim_fence(&cloud.ledger, &*cloud.world, &run.launch_id(), &task)).unwrap();
    assert!(ready(report(&cloud.ledger, &*cloud.world, &run.id, &task, done)).unwrap());
    cloud.observe(&event(&run, &task, "STOPPED", 5, 139)).unwrap();
    assert_eq!(cloud.run().state, State::Succeeded);
    assert_eq!(cloud.run().outcome.unwrap().exit_code, Some(139));
}

#[test]
fn who_comes_second_leaves_the_telling_to_who_ended_the_run() {
    let (cloud, task) = one_attempt();
    let (stop, late) = (cloud.exit_of(&task, 1), event(&cloud.run(), &task, "RUNNING", 2, 0));
    cloud.outlet.close(true);
    assert!(cloud.observe(&stop).is_err(), "it is about to send");
    cloud.outlet.close(false);
    cloud.observe(&late).unwrap();
    assert_eq!(cloud.outlet.sent(Addressee::Failed).len(), 0, "not yet");
    cloud.minutes(1);
    assert_eq!(cloud.outlet.sent(Addressee::Failed).len(), 1);
}
