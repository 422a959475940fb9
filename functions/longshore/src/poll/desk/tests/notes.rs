//! What workers with a ledger tell each other of a message.

use super::*;
use crate::fleet::Order;
use crate::poll::{Marks, Note};

/// A worker with a ledger, to which `message` has come.
fn scene(message: &str) -> Scene {
    let mut scene = Scene::of(Post { beats: true, ..post("q", 9) });
    assert_eq!(scene.next(), "receive 1, beat Receiving 0");
    scene.happened(Happened::Beaten(Some(Order::Stay))).came(1, message);
    scene
}

impl Scene {
    /// What is to be done now, beats left out.
    fn wants(&mut self) -> String {
        let all = self.next();
        all.split(", ").filter(|one| !one.starts_with("beat ")).collect::<Vec<_>>().join(", ")
    }

    fn noted(&mut self, id: &str, marks: Option<Marks>) -> &mut Self {
        let key = self.keys[id];
        self.happened(Happened::Noted { key, marks })
    }
}

/// Begun by each of these receives, ended by the last of those.
fn marks(begun: std::ops::Range<u32>, ended: u32) -> Marks {
    Marks { begun: begun.collect(), ended, ..Marks::default() }
}

#[test]
fn nobody_asks_about_what_came_seldom() {
    let mut scene = scene("a**");
    assert_eq!(scene.wants(), "begin a, receive 8");
    assert_eq!(scene.ended("a", Ended::Done).wants(), "delete a/3");
}

#[test]
fn a_suspect_is_asked_about_and_worked_on_beside_others_if_it_ended_elsewhere() {
    let mut scene = scene("a********");
    assert_eq!(scene.wants(), "note Look a, receive 8");
    assert_eq!(scene.noted("a", Some(marks(0..0, 8))).wants(), "begin a");
    let trouble = Ended::TryLater("down".into());
    assert_eq!(scene.ended("a", trouble).wants(), "note Ended a", "others are to know");
    assert_eq!(scene.noted("a", Some(marks(0..0, 9))).wants(), "back a/9:1");
}

#[test]
fn work_on_a_suspect_is_said_before_it_begins_and_taken_back_at_its_end() {
    for known in [Some(marks(4..8, 0)), None] {
        let mut scene = scene("a********");
        assert_eq!(scene.wants(), "note Look a, receive 8");
        assert_eq!(scene.came(8, "").noted("a", known.clone()).wants(), "note Begun a");
        assert_eq!(scene.noted("a", known).wants(), "begin a");
        let ended = Ended::Stopped(Stopped::Leaving);
        assert_eq!(scene.ended("a", ended).wants(), "note Ended a, receive 1");
        for _ in 0..4 {
            assert_eq!(scene.noted("a", None).after(5).wants(), "note Ended a");
        }
        assert_eq!(scene.noted("a", None).wants(), "back a/9:0", "it has waited long enough");
    }
}

#[test]
fn what_began_alone_and_never_ended_is_set_aside_unworked() {
    let mut scene = scene("a********");
    assert_eq!(scene.wants(), "note Look a, receive 8");
    let reason = "it was received 9 times, and 5 times a worker had nothing else at work and did \
                  not live to see its end: it seems to end whoever works on it";
    assert_eq!(scene.noted("a", Some(marks(4..9, 0))).wants(), format!("aside a ({reason})"));
}

#[test]
fn tries_are_those_of_all_workers() {
    let mut scene = scene("a");
    assert_eq!(scene.wants(), "begin a, receive 8");
    assert_eq!(scene.ended("a", failed()).wants(), "note Failed a");
    let mut all = Marks::default();
    (1..=5).for_each(|receive| all.take(Note::Failed, receive));
    assert_eq!(scene.noted("a", Some(all)).wants(), "aside a (no; it was tried 5 times)");
}

#[test]
fn sigterm_while_a_note_is_under_way_loses_nothing() {
    let mut looking = scene("a********");
    assert_eq!(looking.wants(), "note Look a, receive 8");
    assert_eq!(looking.happened(Happened::Terminated).wants(), "ReceiveNoMore, back a/9:0");
    assert_eq!(looking.noted("a", None).wants(), "", "nobody waits for the answer");
    let mut beginning = scene("a********");
    assert_eq!(beginning.wants(), "note Look a, receive 8");
    assert_eq!(beginning.came(8, "").noted("a", None).wants(), "note Begun a");
    assert_eq!(beginning.happened(Happened::Terminated).wants(), "");
    assert_eq!(beginning.noted("a", None).wants(), "note Ended a");
    assert_eq!(beginning.noted("a", None).after(1).wants(), "note Ended a");
    assert_eq!(beginning.noted("a", Some(marks(0..0, 9))).wants(), "back a/9:0");
}
