//! Fleets that are services.

use longshore::fleet::Service;

use super::*;
use crate::fakes::{LAUNCH, at_every_call};

fn service() -> Queue {
    service_of(7)
}

fn service_of(max_tasks: u32) -> Queue {
    let fleet = json!({"service": {"cluster": "main", "service": "work"}});
    queue_of(&fleet, &json!({"maxTasks": max_tasks}))
}

#[test]
fn the_desired_count_follows_the_queue() {
    let (cloud, queue) = (Cloud::new(), service());
    let yard = yard(&cloud);
    lock(&yard.now).visible = 10_000;
    scaled(&cloud, &yard, &queue, 5);
    assert_eq!(lock(&yard.now).desired, [7]);
    lock(&yard.now).ecs(cloud.world.now());
    scaled(&cloud, &yard, &queue, 60);
    assert_eq!((row(&yard).stages.receiving, lock(&yard.now).desired.clone()), (7, vec![7]));
    let launch_secs = row(&yard).state.launch_secs();
    assert!((20.0..40.0).contains(&launch_secs), "it is measured: {launch_secs}");
}

#[test]
fn throttling_makes_no_double_step() {
    let (cloud, queue) = (Cloud::new(), service());
    let yard = yard(&cloud);
    lock(&yard.now).visible = 10_000;
    lock(&yard.now).is_throttled = true;
    scaled(&cloud, &yard, &queue, 30);
    lock(&yard.now).is_throttled = false;
    scaled(&cloud, &yard, &queue, 30);
    let desired = lock(&yard.now).desired.clone();
    assert!(desired.len() > 4 && desired.iter().all(|count| *count == 7), "{desired:?}");
}

#[test]
fn an_update_that_took_effect_and_answered_500_makes_no_double_step() {
    let (cloud, queue) = (Cloud::new(), service());
    let yard = yard(&cloud);
    lock(&yard.now).visible = 10_000;
    lock(&yard.now).is_uncertain = true;
    scaled(&cloud, &yard, &queue, 4);
    let said = row(&yard).trouble;
    assert_eq!((said, lock(&yard.now).desired.clone()), (None, vec![7]));
    scaled(&cloud, &yard, &queue, 30);
    assert_eq!(lock(&yard.now).desired, [7], "ECS says that it has what it should have");
    assert_eq!(row(&yard).trouble, None, "and nothing is wrong any more");
}

#[test]
fn a_refused_update_is_told_until_it_is_taken() {
    let (cloud, queue) = (Cloud::new(), service());
    let yard = yard(&cloud);
    lock(&yard.now).visible = 10_000;
    lock(&yard.now).is_throttled = true;
    scaled(&cloud, &yard, &queue, 9);
    assert_eq!(row(&yard).trouble.as_deref(), Some("ECS: ThrottlingException: rate exceeded"));
    lock(&yard.now).is_throttled = false;
    scaled(&cloud, &yard, &queue, 9);
    assert_eq!(row(&yard).trouble, None);
}

#[test]
fn a_cluster_that_is_missing_is_told_and_waited_for() {
    const MISSING: &str = "there is no cluster `main`";
    let (cloud, queue) = (Cloud::new(), service());
    // From the first look on, or after the fleet was known.
    for is_new in [true, false] {
        let yard = yard(&cloud);
        if !is_new {
            scaled(&cloud, &yard, &queue, 9);
        }
        lock(&yard.now).visible = 10_000;
        lock(&yard.now).not_described = Some(MISSING);
        for _ in 0..10 {
            assert_eq!(scaled(&cloud, &yard, &queue, MINUTE_SECS), Scaling::Over);
        }
        assert_eq!(lock(&yard.now).desired, [0; 0], "nobody knows of a service");
        assert_eq!(row(&yard).trouble, Some(format!("ECS: {MISSING}")));
        lock(&yard.now).not_described = None;
        scaled(&cloud, &yard, &queue, 30);
        let said = row(&yard).trouble;
        assert_eq!((said, lock(&yard.now).desired.clone()), (None, vec![7]));
    }
}

#[test]
fn a_scaler_that_dies_anywhere_makes_no_double_step() {
    let scene = || {
        let cloud = Cloud::new();
        let yard = yard(&cloud);
        lock(&yard.now).visible = 10_000;
        (cloud, yard)
    };
    let queue = service();
    let flow = |cloud: &Cloud, yard: &FakeYard| ready(scaling(cloud, yard, &queue, 12));
    let deaths = at_every_call(scene, flow, |cloud, yard, _, how| {
        scaled(cloud, yard, &queue, 12);
        let desired = lock(&yard.now).desired.clone();
        assert!(
            !desired.is_empty() && desired.iter().all(|count| *count == 7),
            "{how}: {desired:?}"
        );
    });
    assert!(deaths > 10, "{deaths}");
}

#[test]
fn only_who_holds_nothing_lowers_the_desired_count() {
    let (cloud, queue) = (Cloud::new(), service());
    let yard = yard(&cloud);
    yard.staffed(6);
    lock(&yard.now).service = Service { desired: 6, ..Service::default() };
    scaled(&cloud, &yard, &queue, 120);
    let told = lock(&yard.now).tasks.iter().filter(|task| task.drain.is_some()).count();
    assert_eq!((told, lock(&yard.now).desired.clone()), (6, vec![]), "all drain, none is drained");
    for drained in [2, 4, 6] {
        lock(&yard.now).drained(drained, cloud.world.now());
        scaled(&cloud, &yard, &queue, 30);
        let left = u32::try_from(6 - drained).unwrap();
        assert_eq!(lock(&yard.now).desired.last(), Some(&left));
    }
    assert_eq!(lock(&yard.now).desired, [4, 2, 0], "once each");
}

#[test]
fn who_leaves_is_replaced_where_as_many_are_launched() {
    let (cloud, queue) = (Cloud::new(), service_of(10));
    let yard = yard(&cloud);
    yard.staffed(10);
    {
        let (mut yard, now) = (lock(&yard.now), cloud.world.now());
        yard.service = Service { desired: 10, ..Service::default() };
        yard.visible = 10_000;
        yard.tasks.iter_mut().for_each(|task| task.drain = Some(now));
        yard.drained(10, now);
    }
    for _ in 0..24 {
        scaled(&cloud, &yard, &queue, 5);
        lock(&yard.now).ecs(cloud.world.now());
    }
    let stages = row(&yard).stages;
    assert_eq!((stages.receiving, stages.starting), (10, 0), "{:?}", row(&yard).staff);
    let yard = lock(&yard.now);
    assert!(yard.visible < 10_000 && yard.desired.iter().all(|count| *count <= 10), "{yard:?}");
}

#[test]
fn a_deployment_replaces_workers_of_the_old_revision() {
    let (cloud, queue) = (Cloud::new(), service());
    let yard = yard(&cloud);
    {
        let mut yard = lock(&yard.now);
        yard.visible = 1_000_000;
        yard.is_busy = true;
        let definition = |revision| Some(format!("worker:{revision}"));
        let old = cloud.world.now() - jiff::SignedDuration::from_mins(10);
        for _ in 0..6 {
            yard.begin(old, definition(1));
        }
        yard.service = Service { desired: 6, pending: 6, definition: definition(2) };
    }
    let told = |yard: &FakeYard| {
        let yard = lock(&yard.now);
        yard.tasks
            .iter()
            .filter(|task| task.drain.is_some())
            .map(|task| task.definition.clone())
            .collect::<Vec<_>>()
    };
    scaled(&cloud, &yard, &queue, 5);
    assert!(told(&yard).is_empty(), "nobody is there in their place");
    for _ in 0..3 {
        let now = cloud.world.now();
        lock(&yard.now).begin(now - LAUNCH, Some("worker:2".into()));
    }
    scaled(&cloud, &yard, &queue, 10);
    assert_eq!(told(&yard), vec![Some("worker:1".to_owned()); 3]);
    let desired = lock(&yard.now).desired.clone();
    assert!(desired.iter().all(|count| *count >= 6), "{desired:?}");
}
