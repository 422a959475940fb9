use longshore::{
    poll::Ended,
    pool::{Notice, PoolMessage},
    run::{Class, RefusalKind, State, Stopping, TaskStatus, WorkResult, WorkStatus, Worker},
};
use serde_json::json;

use super::*;
use crate::{
    fakes::{
        Answer, Cloud, FakeQueue, FakeWorld, POOL, at_every_call, ready, tick, until_dead,
        with_settings,
    },
    still_ours,
};

const HOUR_SECS: i64 = 3_600;

fn settings() -> serde_json::Value {
    json!({"launch": "pool", "queue": POOL, "retry": {"attempts": 1}})
}

/// A cloud whose only run lies in the queue of its pool.
fn lying() -> Cloud {
    let cloud = Cloud::new();
    cloud.deliver(&with_settings("v1", "0A", &settings())).unwrap();
    assert!(cloud.run().lies_in_pool());
    cloud
}

/// A worker of the pool: a task that ECS knows, started for no run.
struct Mate {
    task: String,
    worker: Worker,
    hands: Hands,
}

impl Mate {
    fn of(cloud: &Cloud) -> Self {
        let launch = ready(cloud.ledger.launch(&cloud.run().launch_id())).unwrap().unwrap();
        let (task, known) = cloud.ecs.worker(&launch);
        let worker = Worker {
            cluster: known.cluster,
            definition: known.definition,
            container: "app".into(),
        };
        Self { task, worker, hands: Hands::default() }
    }

    /// Works off a message by `work`; what becomes of the message, unless the process died.
    fn works(
        &self,
        cloud: &Cloud,
        message: &PoolMessage,
        work: impl AsyncFnOnce() -> Did,
    ) -> Option<Ended> {
        let crew: Crew<'_, _, FakeWorld, FakeQueue> = Crew {
            ledger: &cloud.ledger,
            world: &cloud.world,
            outcomes: &cloud.outcomes,
            task: &self.task,
            worker: &self.worker,
            hands: &self.hands,
        };
        until_dead(cloud, work_off_run(&crew, message, async |_| work().await))
    }

    fn does(&self, cloud: &Cloud, message: &PoolMessage) -> Option<Ended> {
        self.works(cloud, message, async || done())
    }
}

fn done() -> Did {
    Did::Ended(Some(WorkResult::new(WorkStatus::Done, "")), 0)
}

async fn not_called() -> Did {
    panic!("it is not this worker's work")
}

/// The observer hears everything that workers told.
fn heard(cloud: &Cloud) {
    for (body, _) in cloud.outcomes.takes() {
        match cloud.observe(&body) {
            Ok(_) | Err(Trouble::Wait { .. }) => {}
            Err(trouble) => panic!("{trouble}"),
        }
    }
}

/// A worker gets every message that lies in the queue, and the run is done.
fn is_worked_off(cloud: &Cloud) {
    let mate = Mate::of(cloud);
    for message in cloud.ecs.purges() {
        assert_eq!(mate.does(cloud, &message), Some(Ended::Done));
        heard(cloud);
    }
    assert_eq!(cloud.ledger.counts(), [Class::Succeeded]);
}

#[test]
fn a_worker_does_the_work_and_says_so_and_no_other_task_is_started() {
    let cloud = lying();
    let message = &cloud.ecs.enqueued()[0];
    assert_eq!(*message, PoolMessage { launch: cloud.run().launch_id(), losses: 0 });
    let (mate, other) = (Mate::of(&cloud), Mate::of(&cloud));
    assert_eq!(mate.does(&cloud, message), Some(Ended::Done));
    assert_eq!((cloud.run().state, cloud.run().executor), (State::Running, Some(mate.task)));
    heard(&cloud);
    assert_eq!(cloud.ledger.counts(), [Class::Succeeded]);
    assert_eq!(other.works(&cloud, message, not_called), Some(Ended::Done), "it is over");
    assert_eq!(cloud.outcomes.takes(), []);
    assert!(cloud.ecs.calls().is_empty(), "RunTask was not called");
}

#[test]
fn what_another_has_is_doubted_and_changes_nothing_while_it_lives() {
    let cloud = lying();
    let message = &cloud.ecs.purges()[0];
    let (mate, other) = (Mate::of(&cloud), Mate::of(&cloud));
    let while_it_works = async || {
        assert_eq!(other.works(&cloud, message, not_called), Some(Ended::Done));
        heard(&cloud);
        assert_eq!(cloud.run().executor, Some(mate.task.clone()));
        done()
    };
    assert_eq!(mate.works(&cloud, message, while_it_works), Some(Ended::Done));
    heard(&cloud);
    assert_eq!((cloud.run().state, cloud.run().attempt), (State::Succeeded, 1));
}

#[test]
fn a_launch_that_lies_in_the_queue_twice_is_worked_on_once_by_the_worker_that_gets_both() {
    let cloud = lying();
    let message = &cloud.ecs.purges()[0];
    let mate = Mate::of(&cloud);
    let while_it_works = async || {
        assert_eq!(mate.works(&cloud, message, not_called), Some(Ended::Done));
        Did::Ended(None, 75)
    };
    assert_eq!(mate.works(&cloud, message, while_it_works), Some(Ended::Done));
    assert_eq!(mate.works(&cloud, message, not_called), Some(Ended::Done), "it has told");
    heard(&cloud);
    assert_eq!(cloud.run().outcome.map(|outcome| outcome.class), Some(Class::Work));
}

#[test]
fn a_later_tick_stops_the_work_of_the_other_and_not_its_worker() {
    let cloud = Cloud::new();
    let of_pool = |time: &str| {
        let mut envelope: serde_json::Value =
            serde_json::from_str(&tick(time, &json!({"overlap": "replace"}))).unwrap();
        envelope["trigger"]["launch"] = json!("pool");
        envelope["trigger"]["queue"] = json!(POOL);
        envelope.to_string()
    };
    cloud.deliver(&of_pool("00:00:00")).unwrap();
    let message = &cloud.ecs.purges()[0];
    let mate = Mate::of(&cloud);
    let is_replaced = async || {
        cloud.world.pass(HOUR_SECS);
        drop(cloud.deliver(&of_pool("01:00:00")));
        assert!(!still_ours(&cloud.ledger, &message.launch, &mate.task).await.unwrap());
        Did::Lost
    };
    assert_eq!(mate.works(&cloud, message, is_replaced), Some(Ended::Done));
    heard(&cloud);
    let task = cloud.ecs.tasks().into_iter().find(|it| it.arn == mate.task).unwrap();
    assert_eq!(task.stops, Vec::<String>::new());
    assert_eq!(cloud.ledger.counts(), [Class::Superseded]);
}

#[test]
fn the_work_of_one_that_died_is_given_to_another() {
    for by_message in [true, false] {
        let cloud = lying();
        let message = &cloud.ecs.purges()[0];
        let (mate, other) = (Mate::of(&cloud), Mate::of(&cloud));
        let dies = async || {
            cloud.exits(&mate.task, 137);
            cloud.process.dies();
            done()
        };
        assert_eq!(mate.works(&cloud, message, dies), None);
        cloud.restart();
        if by_message {
            assert_eq!(other.works(&cloud, message, not_called), Some(Ended::Done));
            heard(&cloud);
        } else {
            cloud.minutes(5);
        }
        cloud.minutes(1);
        let run = cloud.run();
        assert_eq!((run.attempt, run.spent.losses, run.spent.work), (2, 1, 0), "not the work's");
        let again = &cloud.ecs.enqueued()[0];
        assert_eq!(*again, PoolMessage { launch: run.launch_id(), losses: 1 });
        assert_eq!(other.does(&cloud, again), Some(Ended::Done));
        heard(&cloud);
        assert_eq!(cloud.ledger.counts(), [Class::Succeeded]);
    }
}

#[test]
fn a_lost_message_is_sent_once_more() {
    let cloud = lying();
    cloud.ecs.purges();
    cloud.minutes(55);
    assert_eq!(cloud.ecs.enqueued(), []);
    cloud.minutes(10);
    assert_eq!(cloud.ecs.enqueued().len(), 1, "the queue is empty, and the run lies in it");
    cloud.minutes(10 * 60);
    assert_eq!(cloud.ecs.enqueued().len(), 1, "it is there");
    cloud.minutes(4 * 60);
    assert_eq!(cloud.ecs.enqueued().len(), 2, "or the messages are other runs'");
    is_worked_off(&cloud);
}

#[test]
fn a_queue_that_does_not_answer_or_refuses_loses_nothing() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::Throttled, Answer::TimedOut, Answer::Refused(RefusalKind::Unknown)]);
    cloud.deliver(&with_settings("v1", "0A", &settings())).unwrap();
    assert_eq!(cloud.run().state, State::Launching);
    cloud.minutes(2);
    assert_eq!((cloud.run().state, cloud.ecs.enqueued().len()), (State::Launching, 1));
    cloud.minutes(30);
    let run = cloud.run();
    assert_eq!((run.state, cloud.ecs.enqueued().len()), (State::Launched, 2), "{run:?}");
    is_worked_off(&cloud);
}

#[test]
fn a_run_that_is_cancelled_ends_where_it_lies() {
    let cloud = lying();
    cloud.take(&cloud.run().id, &Step::Stop { why: Stopping::Cancel { by: "ann".into() } });
    assert_eq!(cloud.run().state, State::Cancelled);
    let message = &cloud.ecs.purges()[0];
    assert_eq!(Mate::of(&cloud).works(&cloud, message, not_called), Some(Ended::Done));
    cloud.minutes(1);
    assert_eq!(cloud.ledger.counts(), [Class::Cancelled]);
}

#[test]
fn work_that_is_to_stop_is_stopped_by_its_worker_and_the_worker_goes_on() {
    for (why, class) in
        [(Some(Stopping::Cancel { by: "ann".into() }), Class::Cancelled), (None, Class::Work)]
    {
        let cloud = Cloud::new();
        let mut limited = settings();
        limited["task"] = json!({"timeout": "30s"});
        cloud.deliver(&with_settings("v1", "0A", &limited)).unwrap();
        let message = &cloud.ecs.purges()[0];
        let mate = Mate::of(&cloud);
        let is_told = async || {
            match &why {
                Some(why) => drop(cloud.take(&cloud.run().id, &Step::Stop { why: why.clone() })),
                None => cloud.world.pass(31),
            }
            cloud.sweep().unwrap();
            let ours = still_ours(&cloud.ledger, &message.launch, &mate.task).await;
            assert!(!ours.unwrap());
            Did::Lost
        };
        assert_eq!(mate.works(&cloud, message, is_told), Some(Ended::Done));
        heard(&cloud);
        assert_eq!(cloud.ledger.counts(), [class]);
        let task = cloud.ecs.tasks().into_iter().find(|it| it.arn == mate.task).unwrap();
        assert_eq!(task.stops, Vec::<String>::new());
        assert_eq!(task.known.unwrap().status, TaskStatus::Running);
    }
}

#[test]
fn one_that_leaves_spends_no_attempt_of_the_work() {
    let cloud = lying();
    let message = &cloud.ecs.purges()[0];
    let leaves = async || Did::LetGo(None, "the worker was told to leave".into());
    assert_eq!(Mate::of(&cloud).works(&cloud, message, leaves), Some(Ended::Done));
    heard(&cloud);
    cloud.minutes(1);
    let run = cloud.run();
    assert_eq!((run.attempt, run.spent.losses, run.spent.work), (2, 1, 0));
    assert_eq!(cloud.ecs.enqueued().len(), 1);
}

#[test]
fn notices_about_others_change_nothing() {
    let cloud = lying();
    let launch = cloud.run().launch_id().to_string();
    let end = longshore::pool::WorkEnd::Exited(0);
    let ended = |launch: &str| {
        Notice::Ended { launch: launch.into(), task: "x".into(), end: end.clone() }.body()
    };
    let before = cloud.run();
    for body in [ended(&launch), ended("ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/1/1"), ended("x")] {
        cloud.observe(&body).unwrap();
        assert_eq!(cloud.run(), before, "nobody has it");
    }
    assert_eq!(cloud.dead_letters.sent(), []);
}

#[test]
fn a_death_at_any_call_of_a_worker_is_made_good() {
    let scene = || {
        let cloud = lying();
        let mate = Mate::of(&cloud);
        (cloud, mate)
    };
    let deaths = at_every_call(
        scene,
        |cloud, mate| mate.does(cloud, &cloud.ecs.enqueued()[0]),
        |cloud, mate, ended, at| {
            assert!(ended.is_none_or(|ended| ended == Ended::Done), "{at}");
            cloud.exits(&mate.task, 137);
            // Its message may come back, or not.
            for again in [cloud.ecs.purges(), cloud.ecs.purges()] {
                for message in again {
                    let other = Mate::of(cloud);
                    assert_eq!(other.does(cloud, &message), Some(Ended::Done), "{at}");
                }
                heard(cloud);
                cloud.minutes(6);
            }
            for message in cloud.ecs.purges() {
                assert_eq!(Mate::of(cloud).does(cloud, &message), Some(Ended::Done), "{at}");
                heard(cloud);
            }
            assert_eq!(cloud.ledger.counts(), [Class::Succeeded], "{at}");
        },
    );
    assert!(deaths >= 10, "launch, run, fence, run, report, notice: {deaths}");
}

#[test]
fn a_death_at_any_call_of_whoever_looks_starts_nothing_twice() {
    let scene = || {
        let cloud = lying();
        cloud.ecs.purges();
        cloud.world.pass(HOUR_SECS + 60);
        (cloud, ())
    };
    at_every_call(
        scene,
        |cloud, ()| cloud.sweep().is_ok(),
        |cloud, (), _, at| {
            cloud.minutes(70);
            let messages = cloud.ecs.purges();
            assert!(!messages.is_empty(), "{at}");
            for message in messages {
                assert_eq!(Mate::of(cloud).does(cloud, &message), Some(Ended::Done), "{at}");
                heard(cloud);
            }
            assert_eq!(cloud.ledger.counts(), [Class::Succeeded], "{at}");
        },
    );
}
