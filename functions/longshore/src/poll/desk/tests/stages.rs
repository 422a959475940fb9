//! How a worker begins to receive, and how it leaves.

use super::*;
use crate::fleet::{Beat, Order};

#[test]
fn a_queue_that_does_not_answer_is_asked_less_and_less_often() {
    // One below a multiple of 64 and of 60: the longest wait of each bound.
    const LONGEST: u64 = 959;
    let mut scene = Scene::of(post("q", 1));
    assert_eq!(scene.next(), "receive 1");
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        let silence = Happened::Came { asked: 1, messages: None };
        scene.desk.happened(silence, at(scene.now), LONGEST);
        assert_eq!(scene.after(wait - 1).next(), "", "before {wait} s are over");
        assert_eq!(scene.after(1).next(), "receive 1");
    }
    assert_eq!(scene.came(1, "").next(), "receive 1", "it has answered");
}

#[test]
fn sigterm_hands_back_what_is_not_begun_and_leaves_in_time() {
    let mut scene = Scene::at_work("q.fifo", 9, "a:x b:x c:y");
    scene.happened(Happened::Terminated);
    assert_eq!(scene.next(), "ReceiveNoMore, Finish a, Finish c, back b/1:0");
    assert_eq!(scene.ended("a", Ended::Done).next(), "", "a call is under way");
    assert_eq!(scene.settled("b", Told::Done).next(), "delete a/1");
    assert_eq!(scene.settled("a", Told::Done).after(14).next(), "");
    assert_eq!(scene.after(1).next(), "Stop(Leaving) c");
    assert_eq!(scene.ended("c", Ended::Stopped(Stopped::Leaving)).next(), "back c/1:0");
    assert_eq!(scene.settled("c", Told::Done).next(), "Leave");
    let mut late = Scene::at_work("q", 9, "a");
    late.happened(Happened::Terminated).next();
    assert_eq!(late.after(15).next(), "Stop(Leaving) a");
    assert_eq!(late.after(5).next(), "Leave", "whatever the work does");
}

#[test]
fn a_drained_worker_finishes_without_a_limit_and_leaves() {
    let mut scene = Scene::of(Post { beats: true, ..post("q", 2) });
    assert_eq!(scene.next(), "receive 1, beat Receiving 0");
    scene.happened(Happened::Beaten(Some(Order::Stay)));
    assert_eq!(scene.came(1, "a").next(), "begin a, receive 1");
    assert_eq!(scene.after(10).next(), "beat Receiving 1");
    scene.happened(Happened::Beaten(Some(Order::Drain)));
    assert_eq!(scene.next(), "beat Draining 1");
    assert_eq!(scene.happened(Happened::Beaten(None)).next(), "", "it changes nothing");
    assert_eq!(scene.after(2).next(), "beat Draining 1");
    scene.happened(Happened::Beaten(Some(Order::Drain)));
    assert_eq!(scene.came(1, "b").next(), "begin b", "a call that waited brought it");
    scene.ended("a", Ended::Done).ended("b", Ended::Done);
    assert_eq!(scene.next(), "delete a/1 b/1");
    scene.settled("a", Told::Done).settled("b", Told::Done);
    let last = scene.desk.clone().next(at(scene.now), 0);
    let [Do::Beat(Beat { messages: 2, busy_ms: 12_000, .. })] = last[..] else {
        panic!("{last:?}")
    };
    assert_eq!(scene.next(), "beat Drained 0");
    assert_eq!(scene.happened(Happened::Beaten(Some(Order::Drain))).next(), "Leave");
}

#[test]
fn a_task_of_a_service_receives_under_protection_only() {
    let mut scene = Scene::of(Post { beats: true, in_service: true, ..post("q", 2) });
    assert_eq!(scene.next(), "Protect");
    scene.happened(Happened::Protected(Protected::No));
    assert_eq!(scene.next(), "", "it does not say that it receives");
    assert_eq!(scene.after(1).next(), "Protect");
    scene.happened(Happened::Protected(Protected::Yes));
    let first = scene.desk.clone().next(at(scene.now), 0);
    let since = first.iter().find_map(|todo| match todo {
        Do::Beat(beat) => Some(beat.since),
        _ => None,
    });
    assert_eq!(since, Some(at(1)), "it begins to receive now");
    assert_eq!(scene.next(), "receive 1, beat Receiving 0");
    scene.happened(Happened::Beaten(Some(Order::Stay)));
    assert_eq!(scene.came(1, "").after(1_200).next(), "receive 1, Protect, beat Receiving 0");
    scene.happened(Happened::Beaten(Some(Order::Drain)));
    scene.happened(Happened::Protected(Protected::No));
    assert_eq!(scene.next(), "beat Draining 0");
    scene.happened(Happened::Beaten(Some(Order::Drain)));
    assert_eq!(scene.came(1, "").after(1).next(), "Unprotect");
    assert_eq!(scene.happened(Happened::Unprotected { done: true }).next(), "beat Drained 0");
    scene.happened(Happened::Beaten(Some(Order::Drain)));
    assert_eq!(scene.next(), "", "it waits for its service");
    assert_eq!(scene.after(10).next(), "beat Drained 0");
    scene.happened(Happened::Beaten(Some(Order::Drain)));
    let mut stopped = Scene { desk: scene.desk.clone(), now: scene.now, keys: BTreeMap::new() };
    assert_eq!(stopped.happened(Happened::Terminated).next(), "Leave");
    let rested = at(scene.now - 10) + crate::fleet::REST;
    assert_eq!(scene.desk.wake_at(at(scene.now)), rested);
    assert_eq!(scene.after(4).next(), "");
    assert_eq!(scene.after(1).next(), "Leave", "its service wants another in its place");
}

#[test]
fn protection_that_ends_or_is_blocked_ends_receiving() {
    let mut scene = Scene::of(Post { in_service: true, ..post("q", 2) });
    assert_eq!(scene.next(), "Protect");
    assert_eq!(scene.happened(Happened::Protected(Protected::Yes)).next(), "receive 1");
    assert_eq!(scene.came(1, "").after(3_540).next(), "Protect");
    assert_eq!(
        scene.happened(Happened::Protected(Protected::Blocked)).after(1).next(),
        "Unprotect"
    );
}
