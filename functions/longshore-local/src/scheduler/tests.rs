//! Ticks, their input, and their end.

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::{Account, Activity, Clock, Store};

/// Minutes pass in ten milliseconds.
const SPEED: f64 = 6_000.0;

/// Passes on what it is given; fails for every ARN that names `fails` in it.
#[derive(Debug)]
struct Targets(mpsc::UnboundedSender<Delivery>);

impl Deliver for Targets {
    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async {
            self.0.send(delivery.clone()).unwrap();
            if delivery.arn.contains("fails") {
                return Err(Fault::client("ResourceNotFoundException", "no such function"));
            }
            if delivery.arn.contains("hangs") {
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    }
}

fn ground() -> Ground {
    Ground {
        account: Account::local("http://127.0.0.1:4566"),
        clock: Clock::starting_at("2026-11-22T10:00:00.7Z".parse().unwrap(), SPEED),
        store: Store::memory().unwrap(),
        activity: Activity::new(),
    }
}

fn spec(name: &str, expression: &str, target_arn: &str) -> ScheduleSpec {
    ScheduleSpec {
        name: name.into(),
        arn: format!("arn:aws:scheduler:us-east-1:000000000000:schedule/default/{name}"),
        expression: expression.into(),
        timezone: "UTC".into(),
        start: None,
        end: None,
        window_minutes: 0,
        enabled: true,
        target_arn: target_arn.into(),
        input: "<aws.scheduler.scheduled-time>".into(),
        message_group: Some("group".into()),
    }
}

/// Runs the schedules until `ticks` deliveries have come, then ends the run and gives them.
async fn ticks(ground: &Ground, specs: Vec<ScheduleSpec>, ticks: usize) -> Vec<Delivery> {
    let (sender, mut deliveries) = mpsc::unbounded_channel();
    let scheduler = Scheduler::open(ground.clone(), Arc::new(Targets(sender)), specs).unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let run = tokio::spawn(async move { scheduler.run(async { drop(ended.await) }).await });
    let mut got = Vec::new();
    while got.len() < ticks {
        got.push(deliveries.recv().await.unwrap());
    }
    end.send(()).unwrap();
    run.await.unwrap();
    got
}

#[tokio::test]
async fn a_rate_fires_at_once_and_then_after_each_interval() {
    let got = ticks(&ground(), vec![spec("s", "rate(5 minutes)", "queue")], 3).await;
    let times: Vec<Timestamp> = got.iter().map(|it| it.body.parse().unwrap()).collect();
    let gaps: Vec<_> = times.windows(2).map(|two| two[1].duration_since(two[0])).collect();
    assert_eq!(gaps, [jiff::SignedDuration::from_mins(5); 2]);
    assert_eq!(got[0].arn, "queue");
    assert_eq!(got[0].message_group.as_deref(), Some("group"));
}

#[tokio::test]
async fn a_flexible_window_delays_a_tick_and_keeps_its_time() {
    let (sender, mut deliveries) = mpsc::unbounded_channel();
    let (ground, every) = (ground(), spec("s", "rate(1 hour)", "queue"));
    let specs = vec![ScheduleSpec { window_minutes: 30, ..every }];
    let scheduler = Scheduler::open(ground.clone(), Arc::new(Targets(sender)), specs).unwrap();
    let run = scheduler.run(std::future::pending());
    let clock = &ground.clock;
    let looked = async {
        let mut late = Vec::new();
        for _ in 0..6 {
            let at: Timestamp = deliveries.recv().await.unwrap().body.parse().unwrap();
            late.push(clock.now().duration_since(at).as_mins());
        }
        late
    };
    let late = tokio::select! { () = run => unreachable!(), late = looked => late };
    assert!(late.iter().all(|minutes| *minutes >= 0), "{late:?}");
    assert!(late.iter().any(|minutes| *minutes > 5) && late[0] != late[1], "{late:?}");
}

#[tokio::test]
async fn schedules_do_not_wait_for_each_other() {
    let specs = vec![
        spec("slow", "rate(1 hour)", "hangs"),
        spec("off", "rate(1 minute)", "off").disabled(),
        spec("quick", "rate(1 minute)", "queue"),
    ];
    let got = ticks(&ground(), specs, 5).await;
    let arns: Vec<_> = got.iter().map(|it| it.arn.as_str()).collect();
    assert_eq!(arns, ["hangs", "queue", "queue", "queue", "queue"]);
}

impl ScheduleSpec {
    fn disabled(self) -> Self {
        Self { enabled: false, ..self }
    }
}

#[tokio::test]
async fn a_failed_delivery_is_told_and_the_schedule_goes_on() {
    let ground = ground();
    let mut heard = ground.activity.listen();
    ticks(&ground, vec![spec("s", "rate(1 minute)", "fails")], 2).await;
    let fired = Happening::ScheduleFired { schedule: "s".into(), target: "fails".into() };
    assert_eq!(heard.try_recv().unwrap().1, fired);
    let failed = Happening::DeliveryFailed {
        from: "s".into(),
        target: "fails".into(),
        reason: "ResourceNotFoundException: no such function".into(),
    };
    assert_eq!(heard.try_recv().unwrap().1, failed);
}

#[test]
fn the_input_gets_schedulers_own_values() {
    let spec = ScheduleSpec {
        input: r#"{"source":"<aws.scheduler.schedule-arn>","time":"<aws.scheduler.scheduled-time>","id":"<aws.scheduler.execution-id>","n":"<aws.scheduler.attempt-number>","arn":"<aws.scheduler.schedule-arn>","other":"<aws.other>"}"#.into(),
        ..spec("s", "rate(1 minute)", "queue")
    };
    let at = "2022-03-22T18:59:43.9Z".parse().unwrap();
    expect_test::expect![[r#"{"source":"arn:aws:scheduler:us-east-1:000000000000:schedule/default/s","time":"2022-03-22T18:59:43Z","id":"ID","n":"1","arn":"arn:aws:scheduler:us-east-1:000000000000:schedule/default/s","other":"<aws.other>"}"#]]
        .assert_eq(&input(&spec, at, "ID"));
}

#[tokio::test]
async fn cron_fires_by_the_clock_of_its_zone() {
    // The clock shows 10:00:00.7 in London and 11:00:00.7 in Berlin.
    let specs = vec![ScheduleSpec {
        timezone: "Europe/Berlin".into(),
        ..spec("s", "cron(30 11,13 * * ? *)", "queue")
    }];
    let got = ticks(&ground(), specs, 3).await;
    let times: Vec<_> = got.iter().map(|it| it.body.as_str()).collect();
    assert_eq!(times, ["2026-11-22T10:30:00Z", "2026-11-22T12:30:00Z", "2026-11-23T10:30:00Z"]);
}

#[tokio::test]
async fn at_fires_once_and_dates_are_kept() {
    let at = |time: &str| Some(time.parse().unwrap());
    let specs = vec![
        spec("once", "at(2026-11-22T10:07:00)", "once"),
        spec("over", "at(2026-11-22T09:59:59)", "over"),
        ScheduleSpec {
            start: at("2026-11-22T10:05:00Z"),
            end: at("2026-11-22T10:15:00Z"),
            ..spec("some", "rate(5 minutes)", "some")
        },
        spec("all", "rate(10 minutes)", "all"),
    ];
    let got = ticks(&ground(), specs, 7).await;
    let arns: Vec<_> = got.iter().map(|it| it.arn.as_str()).collect();
    assert_eq!(arns, ["all", "some", "once", "some", "all", "some", "all"]);
    assert_eq!(got[1].body, "2026-11-22T10:05:00Z", "a rate counts from its start date");
}

#[test]
fn what_is_wrong_is_refused_before_anything_runs() {
    let dates = |start: &str, end: &str| ScheduleSpec {
        start: start.parse().ok(),
        end: end.parse().ok(),
        ..spec("s", "rate(1 day)", "queue")
    };
    let zone =
        ScheduleSpec { timezone: "Europe/Berlim".into(), ..spec("s", "rate(1 day)", "queue") };
    for (spec, message) in [
        (
            spec("s", "cron(0 0 31 2 ? *)", "queue"),
            "schedule `s`: `cron(0 0 31 2 ? *)` never fires",
        ),
        (spec("s", "rate(1 minutes)", "queue"), "schedule `s`: write `rate(1 minute)`"),
        (zone, "Europe/Berlin"),
        (
            dates("2026-11-23T00:00:00Z", "2026-11-22T00:00:00Z"),
            "EndDate 2026-11-22T00:00:00Z is not after",
        ),
    ] {
        for enabled in [true, false] {
            let specs = vec![ScheduleSpec { enabled, ..spec.clone() }];
            let targets = Arc::new(Targets(mpsc::unbounded_channel().0));
            let error = Scheduler::open(ground(), targets, specs).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
