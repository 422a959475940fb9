//! Scalers that die at any call: the next one ends with the same fleet.

use super::*;
use crate::fakes::at_every_call;

#[test]
fn a_scaler_that_dies_anywhere_asks_for_no_task_twice() {
    let scene = || {
        let cloud = Cloud::new();
        let yard = yard(&cloud);
        lock(&yard.now).visible = 10_000;
        (cloud, yard)
    };
    let queue = queue_of(&task(), &json!({"maxTasks": 25}));
    let flow = |cloud: &Cloud, yard: &FakeYard| ready(scaling(cloud, yard, &queue, 12));
    let deaths = at_every_call(scene, flow, |cloud, yard, _, how| {
        scaled(cloud, yard, &queue, 12);
        assert_eq!(lock(&yard.now).tasks.len(), 25, "{how}");
        let asked: u32 = row(yard).asks.iter().map(|ask| ask.count).sum();
        assert_eq!(asked, 25, "{how}");
    });
    assert!(deaths > 20, "{deaths}");
}

#[test]
fn a_scaler_that_dies_anywhere_tells_no_more_to_leave() {
    let scene = || {
        let cloud = Cloud::new();
        let yard = yard(&cloud);
        yard.staffed(12);
        // Something was decided before.
        scaled(&cloud, &yard, &queue_of(&task(), &json!({"minTasks": 12, "maxTasks": 12})), 60);
        (cloud, yard)
    };
    let queue = queue_of(&task(), &json!({"minTasks": 5, "maxTasks": 12}));
    let flow = |cloud: &Cloud, yard: &FakeYard| ready(scaling(cloud, yard, &queue, 60));
    let deaths = at_every_call(scene, flow, |cloud, yard, _, how| {
        scaled(cloud, yard, &queue, 60);
        let told = lock(&yard.now).tasks.iter().filter(|task| task.drain.is_some()).count();
        assert_eq!(told, 7, "{how}");
        assert!(!lock(&yard.now).changes.is_empty(), "{how}");
    });
    assert!(deaths > 50, "{deaths}");
}
