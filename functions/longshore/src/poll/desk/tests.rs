//! What a desk wants done after what has happened.

mod histories;
mod notes;
mod stages;

use std::collections::BTreeMap;

use super::*;
use crate::{
    poll::{Ended, Message, PollOptions, Stopped},
    pool::PoolMessage,
    run::{LaunchId, RunId},
};

pub(super) fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + secs).unwrap()
}

pub(super) fn post(queue: &str, slots: usize) -> Post {
    let queue = format!("http://localhost/0/{queue}");
    Post {
        options: PollOptions { queue, slots, tries: 5 },
        visibility_secs: 300,
        stop_secs: 20,
        task: "t".into(),
        definition: None,
        beats: false,
        in_service: false,
        sets_aside: true,
    }
}

/// `id`, `id:group`, with `*` for each receive before this one.
pub(super) fn message(text: &str) -> Message {
    let receives = 1 + u32::try_from(text.matches('*').count()).unwrap();
    let name = text.trim_end_matches('*');
    let (id, group) = name.split_once(':').map_or((name, None), |(id, group)| (id, Some(group)));
    Message {
        id: id.into(),
        receipt: format!("{id}/{receives}"),
        body: String::new(),
        group: group.map(str::to_owned),
        receives,
        sent: None,
        first_received: None,
    }
}

/// A desk, and what it wants, in words.
pub(super) struct Scene {
    desk: Desk,
    now: i64,
    keys: BTreeMap<String, Key>,
}

impl Scene {
    fn of(post: Post) -> Self {
        Self { desk: Desk::new(post, at(0)), now: 0, keys: BTreeMap::new() }
    }

    fn happened(&mut self, what: Happened) -> &mut Self {
        self.desk.happened(what, at(self.now), 0);
        self
    }

    fn came(&mut self, asked: usize, messages: &str) -> &mut Self {
        let messages = Some(messages.split_whitespace().map(message).collect());
        self.happened(Happened::Came { asked, messages })
    }

    fn ended(&mut self, id: &str, ended: Ended) -> &mut Self {
        let key = self.keys[id];
        self.happened(Happened::Ended { key, ended })
    }

    fn settled(&mut self, id: &str, told: Told) -> &mut Self {
        let key = self.desk.ids[id];
        let held = &self.desk.held[&key];
        let lend = Lend { key, receipt: held.receipt.clone(), secs: 0 };
        self.happened(Happened::Settled(vec![(lend, told)]))
    }

    fn after(&mut self, secs: i64) -> &mut Self {
        self.now += secs;
        self
    }

    /// What is to be done now.
    fn next(&mut self) -> String {
        let todo = self.desk.next(at(self.now), 0);
        let words: Vec<_> = todo.into_iter().map(|todo| self.words(todo)).collect();
        assert_eq!(self.desk.next(at(self.now), 0), [], "nothing is wanted twice");
        words.join(", ")
    }

    fn id(&self, key: Key) -> &str {
        self.keys.iter().find(|(_, it)| **it == key).map_or("?", |(id, _)| id)
    }

    fn words(&mut self, todo: Do) -> String {
        let many = |lends: &[Lend]| {
            let ids: Vec<_> = lends.iter().map(|lend| lend.receipt.clone()).collect();
            ids.join(" ")
        };
        match todo {
            Do::Receive { count } => format!("receive {count}"),
            Do::Begin { key, message, .. } => {
                self.keys.insert(message.id.clone(), key);
                format!("begin {}", message.id)
            }
            Do::Ask { key, ask } => format!("{ask:?} {}", self.id(key)),
            Do::Lent { key, until } => {
                format!("{} until {}", self.id(key), until.duration_since(at(0)).as_secs())
            }
            Do::Extend(lends) => format!("extend {} {}", many(&lends), lends[0].secs),
            Do::Delete(lends) => format!("delete {}", many(&lends)),
            Do::HandBack(lends) => {
                let each = lends.iter().map(|lend| format!("{}:{}", lend.receipt, lend.secs));
                format!("back {}", each.collect::<Vec<_>>().join(" "))
            }
            Do::Note { key, message, note } => {
                self.keys.insert(message.id.clone(), key);
                format!("note {note:?} {}", message.id)
            }
            Do::SetAside { message, rejection, .. } => {
                format!("aside {} ({})", message.id, rejection.reason)
            }
            Do::Beat(beat) => format!("beat {:?} {}", beat.stage, beat.in_flight),
            other => format!("{other:?}"),
        }
    }

    /// Already at work on some messages, asking for more.
    fn at_work(queue: &str, slots: usize, messages: &str) -> Self {
        let mut scene = Self::of(post(queue, slots));
        assert_eq!(scene.next(), "receive 1");
        let first = messages.split_whitespace().next().unwrap();
        scene.came(1, first).next();
        let rest = messages.strip_prefix(first).unwrap();
        let asked = scene.desk.asked.first().copied().unwrap_or(0);
        if !rest.trim().is_empty() {
            scene.came(asked, rest).next();
        }
        scene
    }
}

fn failed() -> Ended {
    Ended::Failed("no".into())
}

#[test]
fn messages_come_one_at_first_and_then_as_slots_are_free() {
    let mut scene = Scene::of(post("q", 3));
    assert_eq!(scene.next(), "receive 1");
    assert_eq!(scene.came(1, "a").next(), "begin a, receive 2");
    assert_eq!(scene.came(2, "b c").next(), "begin b, begin c");
    assert_eq!(scene.ended("b", Ended::Done).next(), "delete b/1, receive 1");
    assert_eq!(scene.settled("b", Told::Done).next(), "");
}

#[test]
fn ends_are_told_together_while_a_call_is_under_way() {
    let all = "a b c d e f g h i j k l";
    let mut scene = Scene::at_work("q", 12, all);
    scene.desk.phase = Phase::Finishing { by: None };
    assert_eq!(scene.ended("a", Ended::Done).next(), "delete a/1");
    for id in ["b", "c"] {
        assert_eq!(scene.ended(id, Ended::Done).next(), "");
    }
    assert_eq!(scene.settled("a", Told::Done).next(), "delete b/1 c/1");
    for id in "d e f g h i j k l".split(' ') {
        scene.ended(id, Ended::Done);
    }
    assert_eq!(scene.next(), "");
    assert_eq!(
        scene.settled("b", Told::Again).settled("c", Told::Gone).next(),
        "delete d/1 e/1 f/1 g/1 h/1 i/1 j/1 k/1 l/1"
    );
    assert!(scene.desk.memory.of("c").done, "it may come again");
    assert_eq!(scene.settled("d", Told::Done).after(1).next(), "delete b/1");
}

#[test]
fn failures_come_back_and_rejects_are_set_aside_first() {
    let mut scene = Scene::at_work("q", 3, "a b*** c");
    assert_eq!(scene.ended("a", failed()).next(), "back a/1:1");
    assert_eq!(
        scene.ended("c", Ended::Rejected("bad".to_owned().into())).next(),
        "begin b, aside c (bad)"
    );
    let key = scene.keys["c"];
    assert_eq!(scene.happened(Happened::Aside { key, done: false }).next(), "");
    assert_eq!(scene.after(1).next(), "aside c (bad)");
    assert_eq!(scene.happened(Happened::Aside { key, done: true }).next(), "");
    assert_eq!(scene.settled("a", Told::Done).next(), "delete c/1");
    assert_eq!(scene.ended("b", failed()).next(), "back b/4:1, receive 1");
}

#[test]
fn what_may_end_its_worker_is_worked_on_alone() {
    let mut scene = Scene::at_work("q", 9, "a b*** c*** d");
    assert_eq!(scene.ended("a", Ended::Done).next(), "delete a/1", "nothing more is received");
    assert_eq!(scene.ended("d", Ended::Done).next(), "begin b");
    assert_eq!(scene.ended("b", Ended::Done).next(), "begin c");
    assert_eq!(scene.settled("a", Told::Done).next(), "delete b/4 d/1");
    let next = scene.ended("c", Ended::Done).next();
    assert_eq!(next, "receive 9", "c is not told yet: a deletion is under way");
}

#[test]
fn a_group_is_worked_off_in_order_and_stops_after_a_failure() {
    let mut scene = Scene::at_work("q.fifo", 9, "a:x b:x c:x d:y");
    assert_eq!(scene.ended("a", Ended::Done).next(), "delete a/1");
    assert_eq!(scene.settled("a", Told::Done).next(), "begin b", "not before a is gone");
    assert_eq!(scene.ended("b", failed()).next(), "back b/1:1 c/1:0", "c waits for b in SQS");
    assert!(scene.desk.ids.contains_key("d"), "the other group goes on");
    let mut fair = Scene::at_work("q", 9, "a:x b:x c:x");
    assert_eq!(fair.keys.len(), 3, "a fair queue has no order");
    assert_eq!(fair.ended("a", failed()).next(), "back a/1:1");
}

#[test]
fn leases_are_extended_at_a_third_and_lost_ones_end_the_work() {
    let mut scene = Scene::at_work("q", 2, "a b");
    scene.after(79);
    assert_eq!(scene.next(), "");
    assert!(scene.desk.wake_at(at(79)) < at(101), "at a third, less a little");
    let Do::Extend(lends) = scene.after(21).desk.next(at(100), 0).remove(0) else { panic!() };
    assert_eq!(lends.len(), 2);
    let told = lends.into_iter().zip([Told::Done, Told::Gone]).collect();
    scene.happened(Happened::Extended { called: at(100), told });
    assert_eq!(scene.next(), "a until 380, Stop(Lost) b");
    assert_eq!(scene.ended("b", Ended::Stopped(Stopped::Lost)).next(), "receive 1");
    scene.after(285);
    assert_eq!(scene.next(), "Stop(Lost) a", "nobody answered in time");
    assert_eq!(scene.ended("a", Ended::Done).next(), "delete a/1", "it is done, after all");
}

#[test]
fn before_twelve_hours_are_over_the_work_is_asked_to_end() {
    let mut scene = Scene::at_work("q", 1, "a");
    let mut words = Vec::new();
    while scene.now < 43_000 {
        let now = at(scene.now);
        for todo in scene.desk.next(now, 0) {
            if let Do::Extend(lends) = todo {
                let told = lends.into_iter().map(|lend| (lend, Told::Done)).collect();
                scene.desk.happened(Happened::Extended { called: now, told }, now, 0);
            } else if !matches!(todo, Do::Lent { .. }) {
                let (now, said) = (scene.now, scene.words(todo));
                words.push(format!("{now} {said}"));
            }
        }
        scene.now = scene.desk.wake_at(now).duration_since(at(0)).as_secs().max(scene.now + 1);
    }
    assert_eq!(words, ["39600 Finish a", "39620 Stop(Ceiling) a"]);
    assert_eq!(scene.ended("a", Ended::Stopped(Stopped::Leaving)).next(), "back a/1:0, receive 1");
}

/// SQS cannot lend its message for so long, and whoever is given it finds the fence taken.
#[test]
fn a_run_of_a_pool_is_worked_on_for_as_long_as_it_takes() {
    let launch = LaunchId { run: RunId::derive("t", "o"), attempt: 1, launch: 1 };
    let body = PoolMessage { launch, losses: 0 }.body();
    let mut scene = Scene::of(post("q", 1));
    assert_eq!(scene.next(), "receive 1");
    let messages = Some(vec![Message { body, ..message("a") }]);
    assert_eq!(scene.happened(Happened::Came { asked: 1, messages }).next(), "begin a");
    assert_eq!(scene.after(100).next(), "extend a/1 300");
    assert_eq!(scene.after(60_000).next(), "", "it is neither lent any more nor stopped");
    assert_eq!(scene.happened(Happened::Terminated).next(), "Finish a");
    assert_eq!(scene.after(15).next(), "Stop(Leaving) a");
}

#[test]
fn trouble_in_a_row_is_waited_out() {
    let mut scene = Scene::at_work("q", 3, "a b c");
    let trouble = || Ended::TryLater("down".into());
    assert_eq!(scene.ended("a", trouble()).next(), "back a/1:1, receive 1");
    scene.came(1, "");
    assert_eq!(scene.ended("b", trouble()).next(), "back b/1:1, receive 2");
    scene.came(2, "");
    assert_eq!(scene.ended("c", trouble()).next(), "back c/1:1");
    scene.settled("a", Told::Done).settled("b", Told::Done).settled("c", Told::Done);
    assert_eq!(scene.next(), "");
    assert_eq!(scene.after(1).next(), "receive 1", "one, to see");
}

#[test]
fn a_message_that_is_given_twice_is_worked_on_once_and_deleted_by_its_newest_receipt() {
    let mut scene = Scene::at_work("q", 3, "a");
    let asked = scene.desk.asked[0];
    assert_eq!(scene.came(asked, "a*").next(), "receive 2");
    assert_eq!(scene.ended("a", Ended::Done).next(), "delete a/2");
}
