//! A task fails, and its run gets another attempt, or none.

use super::*;
use crate::fakes::Answer;

/// How long the message of a failed task stays away.
fn stays_away(answer: Result<Observed, Trouble>) -> u32 {
    match answer {
        Err(trouble @ Trouble::Wait { wait_secs, .. }) => {
            assert!(trouble.stays_away_secs(1, 0) >= wait_secs);
            wait_secs
        }
        other => panic!("{other:?}"),
    }
}

/// Stops of the task for a reason that no retry of the user pays for.
fn taken_back(cloud: &Cloud, task: &str, code: &str) -> String {
    with_detail(
        &cloud.run_of(task),
        task,
        "STOPPED",
        5,
        0,
        &json!({
            "stopCode": code,
            "stoppedReason": "AWS wanted it",
            "containers": [{"name": "app", "exitCode": null}],
        }),
    )
}

#[test]
fn a_failed_attempt_is_followed_by_another_when_its_message_comes_back() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let stopped = cloud.exit_of(&task, 1);
    let secs = stays_away(cloud.observe(&stopped));
    assert!((1..=5).contains(&secs), "{secs}");
    assert_eq!((cloud.run().state, cloud.run().attempt), (State::Backoff, 2));
    let left = stays_away(cloud.observe(&stopped));
    assert_eq!(left, secs, "too early, it waits on");
    cloud.world.pass(i64::from(secs));
    let id = cloud.run().id;
    assert_eq!(cloud.observe(&stopped).unwrap(), Observed::Ignored(id, Refused::Stale));
    assert_eq!(cloud.run().state, State::Launched);
    let attempts: Vec<_> = cloud.ecs.tasks().iter().map(|task| task.launch.id.attempt).collect();
    assert_eq!(attempts, [1, 2]);
    cloud.observe(&stopped).unwrap();
    assert_eq!(cloud.ecs.calls().len(), 2, "and a late copy does nothing");
}

#[test]
fn a_message_that_never_comes_back_is_made_good_by_the_sweep() {
    let (cloud, task) = Cloud::with_a_launched_run();
    stays_away(cloud.observe(&cloud.exit_of(&task, 1)));
    cloud.minutes(1);
    assert_eq!((cloud.run().state, cloud.run().attempt), (State::Launched, 2));
}

#[test]
fn a_long_wait_is_the_sweeps_and_the_message_is_acknowledged() {
    let backoff = json!({"base": "10m", "max": "15m"});
    let body = with_settings("v1", "0A", &json!({"retry": {"backoff": backoff}}));
    let (cloud, task) = Cloud::with_a_launch_of(&body);
    // The next number that is drawn is the wait.
    while crate::ports::Rng::draw(&*cloud.world) < 100 {}
    let changed = cloud.observe(&cloud.exit_of(&task, 1)).unwrap();
    assert_eq!(changed, Observed::Changed(cloud.run().id, State::Backoff));
    cloud.minutes(1);
    assert_eq!(cloud.run().state, State::Backoff);
    cloud.minutes_until(15, || cloud.run().state == State::Launched);
    assert_eq!(cloud.ecs.tasks().len(), 2);
}

#[test]
fn failures_of_the_work_end_with_its_budget() {
    let (cloud, _) = Cloud::with_a_launched_run();
    for attempt in 1..=3 {
        let task = cloud.ecs.tasks().pop().unwrap();
        assert_eq!(task.launch.id.attempt, attempt);
        drop(cloud.observe(&cloud.exit_of(&task.arn, 1)));
        cloud.minutes(1);
    }
    assert_eq!(cloud.run().state, State::Failed);
    assert_eq!(cloud.ledger.counts(), [Class::Work]);
    assert_eq!(cloud.ecs.tasks().len(), 3);
    let sent = cloud.outlet.sent(Addressee::Failed);
    assert_eq!((sent.len(), sent[0].attempt), (1, 3));
    assert_eq!(sent[0].body["outcome"]["exitCode"], 1);
}

#[test]
fn losses_of_aws_are_not_on_the_users_budget_and_end_all_the_same() {
    let body = with_settings("v1", "0A", &json!({"retry": {"attempts": 1}}));
    for (code, most, class) in
        [("InfrastructureHealth", 20, Class::Infrastructure), ("NoSuchCodeYet", 5, Class::Unknown)]
    {
        let (cloud, _) = Cloud::with_a_launch_of(&body);
        for nth in 1..=most {
            assert_eq!(cloud.ecs.tasks().len(), nth, "{code}");
            let task = cloud.ecs.tasks().pop().unwrap().arn;
            drop(cloud.observe(&taken_back(&cloud, &task, code)));
            cloud.minutes_until(16, || cloud.run().state != State::Backoff);
        }
        assert_eq!(cloud.ledger.counts(), [class]);
        assert_eq!(cloud.ecs.tasks().len(), most);
    }
}

#[test]
fn after_three_losses_of_spot_capacity_the_run_is_launched_on_demand() {
    let spot = json!({"task": {"capacity": [{"provider": "FARGATE_SPOT", "weight": 1}]}});
    let (cloud, _) = Cloud::with_a_launch_of(&with_settings("v1", "0A", &spot));
    for _ in 0..3 {
        let task = cloud.ecs.tasks().pop().unwrap().arn;
        drop(cloud.observe(&taken_back(&cloud, &task, "SpotInterruption")));
        cloud.minutes(1);
    }
    let provider = |task: &crate::fakes::FakeTask| task.launch.task.capacity[0].provider.clone();
    let providers: Vec<_> = cloud.ecs.tasks().iter().map(provider).collect();
    assert_eq!(providers, ["FARGATE_SPOT", "FARGATE_SPOT", "FARGATE_SPOT", "FARGATE"]);
}

#[test]
fn a_death_at_any_call_between_two_attempts_makes_one_more_attempt() {
    // Both the stop and its return as a timer are played.
    let observe = |cloud: &Cloud, task: &String| {
        let body = cloud.exit_of(task, 1);
        let first = cloud.observe(&body);
        cloud.world.pass(5);
        (first.and_then(|_| cloud.observe(&body)).is_ok(), body)
    };
    let timer = |cloud: &Cloud, task: &String| {
        let body = cloud.exit_of(task, 1);
        cloud.observe(&body).unwrap_err();
        cloud.world.pass(5);
        body
    };
    let scene = || {
        let (cloud, task) = Cloud::with_a_launched_run();
        let body = timer(&cloud, &task);
        (cloud, body)
    };
    let once_more = |cloud: &Cloud, at: &str| {
        cloud.minutes(3);
        let attempts: Vec<_> =
            cloud.ecs.tasks().iter().map(|task| task.launch.id.attempt).collect();
        assert_eq!(attempts, [1, 2], "{at}");
        assert_eq!((cloud.run().state, cloud.run().spent.work), (State::Launched, 1), "{at}");
    };
    let first = at_every_call(Cloud::with_a_launched_run, observe, |cloud, _, (ok, body), at| {
        if !ok {
            drop(cloud.observe(&body));
        }
        once_more(cloud, at);
    });
    let second = at_every_call(
        scene,
        |cloud, body| cloud.observe(body).is_ok(),
        |cloud, body, ok, at| {
            if !ok {
                drop(cloud.observe(body));
            }
            once_more(cloud, at);
        },
    );
    assert_eq!((first, second), (2 * 2, 2 * 5), "read, settle; read, permit, claim … record");
}

#[test]
fn a_refused_attempt_waits_and_is_launched_again() {
    let (cloud, task) = Cloud::with_a_launched_run();
    let stopped = cloud.exit_of(&task, 1);
    stays_away(cloud.observe(&stopped));
    cloud.world.pass(5);
    cloud.ecs.answers([Answer::Refused(longshore::run::RefusalKind::Capacity)]);
    stays_away(cloud.observe(&stopped));
    cloud.world.pass(5);
    cloud.observe(&stopped).unwrap();
    let run = cloud.run();
    assert_eq!((run.state, run.attempt, run.launch), (State::Launched, 2, 2));
}
