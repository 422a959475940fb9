//! A desk and a queue that says, forgets and gives again what it likes: what holds in any history.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::*;
use super::{at, message, post};
use crate::fleet::Order;
use crate::poll::{Ended, Marks, Message, Stopped};

/// Messages of a history, of which each third has the group of its remainder.
const MESSAGES: usize = 12;

#[derive(Default)]
struct World {
    /// Receives of each message that is not deleted, and until when it is invisible.
    queue: BTreeMap<usize, (u32, i64)>,
    at_work: BTreeMap<Key, usize>,
    pending: Vec<Do>,
    done: BTreeSet<usize>,
    marks: BTreeMap<usize, Marks>,
    aside: BTreeSet<usize>,
    left: bool,
}

fn number(id: &str) -> usize {
    id.parse().unwrap()
}

fn name(number: usize, receives: u32, fifo: bool) -> String {
    let group = if fifo { format!(":{}", number % 3) } else { String::new() };
    format!("{number}{group}{}", "*".repeat(usize::try_from(receives).unwrap() - 1))
}

impl World {
    fn wanted(&mut self, todo: Do, slots: usize, fifo: bool) {
        match &todo {
            Do::Begin { key, message, .. } => {
                let number = number(&message.id);
                if fifo {
                    let of_group = self.at_work.values().filter(|it| **it % 3 == number % 3);
                    assert_eq!(of_group.count(), 0, "one of a group at a time");
                    let earlier = (0..number).filter(|it| it % 3 == number % 3);
                    let mut earlier = earlier.filter(|it| self.queue.contains_key(it));
                    assert!(earlier.all(|it| self.done.contains(&it) || self.aside.contains(&it)));
                }
                assert!(!self.at_work.values().any(|it| *it == number), "at work twice");
                self.at_work.insert(*key, number);
                assert!(self.at_work.len() <= slots);
                return;
            }
            Do::Delete(lends) => {
                for lend in lends {
                    let number = number(lend.receipt.split('/').next().unwrap());
                    assert!(self.done.contains(&number) || self.aside.contains(&number));
                }
            }
            Do::Leave => self.left = true,
            _ => {}
        }
        self.pending.push(todo);
    }

    /// Of the messages that are visible, those that come first in their group.
    fn give(&mut self, count: usize, now: i64, fifo: bool) -> Vec<Message> {
        let mut given = Vec::new();
        let mut blocked = BTreeSet::new();
        for (number, (receives, until)) in &mut self.queue {
            if *until > now {
                blocked.insert(number % 3);
            } else if given.len() < count && !(fifo && blocked.contains(&(number % 3))) {
                *receives += 1;
                *until = now + 300;
                given.push(message(&name(*number, *receives, fifo)));
            }
        }
        given
    }

    /// What SQS does about one message of a call.
    fn tell(&mut self, lend: &Lend, delete: bool, now: i64, how: u8) -> Told {
        let (id, receives) = lend.receipt.split_once('/').unwrap();
        let number = number(id);
        let newest = self.queue.get(&number).is_some_and(|it| it.0.to_string() == receives);
        match how {
            0 => Told::Again,
            _ if !newest => Told::Gone,
            _ => {
                if delete {
                    self.queue.remove(&number);
                } else if let Some(message) = self.queue.get_mut(&number) {
                    message.1 = now + i64::from(lend.secs);
                }
                if how == 1 { Told::Again } else { Told::Done }
            }
        }
    }

    fn answer(&mut self, todo: Do, now: i64, how: u8, fifo: bool) -> Option<Happened> {
        let mut told = |lends: Vec<Lend>, delete| {
            let tell = |lend| (Lend::clone(lend), self.tell(lend, delete, now, how));
            lends.iter().map(tell).collect::<Vec<_>>()
        };
        Some(match todo {
            Do::Receive { count } => {
                let messages = (how > 0).then(|| self.give(count, now, fifo));
                Happened::Came { asked: count, messages }
            }
            Do::Delete(lends) => Happened::Settled(told(lends, true)),
            Do::HandBack(lends) => Happened::Settled(told(lends, false)),
            Do::Extend(lends) => Happened::Extended { called: at(now), told: told(lends, false) },
            Do::SetAside { key, message, .. } => {
                if how > 0 {
                    self.aside.insert(number(&message.id));
                }
                Happened::Aside { key, done: how > 0 }
            }
            Do::Note { key, message, note } => {
                let marks = self.marks.entry(number(&message.id)).or_default();
                if how > 0 {
                    marks.take(note, message.receives);
                }
                Happened::Noted { key, marks: (how > 1).then(|| marks.clone()) }
            }
            Do::Beat(_) => Happened::Beaten((how > 0).then_some(Order::Stay)),
            Do::Protect if how > 0 => Happened::Protected(Protected::Yes),
            Do::Protect => Happened::Protected(Protected::No),
            Do::Unprotect => Happened::Unprotected { done: how > 0 },
            _ => return None,
        })
    }

    fn end(&mut self, key: Key, how: u8) -> Ended {
        let number = self.at_work.remove(&key).unwrap();
        match how {
            0 => Ended::Failed("no".into()),
            1 => Ended::TryLater("down".into()),
            2 => Ended::Rejected("bad".to_owned().into()),
            3 => Ended::Stopped(Stopped::Leaving),
            _ => {
                self.done.insert(number);
                Ended::Done
            }
        }
    }
}

/// Plays `steps`, then good weather until the queue is empty.
fn play(steps: &[(u8, u8, u8)], slots: usize, fifo: bool, in_service: bool) {
    let queue = if fifo { "q.fifo" } else { "q" };
    let post = Post { beats: true, in_service, ..post(queue, slots) };
    let (mut desk, mut world, mut now) = (Desk::new(post, at(0)), World::default(), 0_i64);
    world.queue = (0..MESSAGES).map(|number| (number, (0, 0))).collect();
    let good = std::iter::repeat_n((0_u8, 0_u8, 9_u8), 4_000);
    for (step, (what, which, how)) in steps.iter().copied().chain(good).enumerate() {
        for todo in desk.next(at(now), u64::from(which)) {
            world.wanted(todo, slots, fifo);
        }
        let (which, is_good) = (usize::from(which), step >= steps.len());
        let (calls, work) = (world.pending.len(), world.at_work.len());
        let happened = if calls > 0 && (work == 0 || if is_good { step % 2 == 0 } else { what < 5 })
        {
            let todo = world.pending.remove(which % calls);
            if is_good && matches!(todo, Do::Receive { .. }) && calls == 1 && work == 0 {
                now += 20;
            }
            world.answer(todo, now, how, fifo)
        } else if work > 0 && (is_good || what < 9) {
            let key = *world.at_work.keys().nth(which % work).unwrap();
            Some(Happened::Ended { key, ended: world.end(key, how) })
        } else {
            let wake = desk.wake_at(at(now)).duration_since(at(0)).as_secs();
            now = if is_good { wake.max(now + 1) } else { now + i64::from(how) * 7 };
            None
        };
        if let Some(happened) = happened {
            desk.happened(happened, at(now), u64::from(how));
        }
        if world.queue.is_empty() {
            break;
        }
    }
    assert!(world.queue.is_empty(), "left: {:?} {desk:?}", world.queue);
    let both: BTreeSet<_> = world.done.union(&world.aside).collect();
    assert_eq!(both.len(), MESSAGES, "each was done or set aside");
    // SIGTERM: gone in time, whoever answers or not.
    desk.happened(Happened::Terminated, at(now), 0);
    while !world.left {
        for todo in desk.next(at(now), 0) {
            world.wanted(todo, slots, fifo);
        }
        let wake = desk.wake_at(at(now));
        now = now.max(wake.duration_since(at(0)).as_secs()) + 1;
        assert!(now < 10_000_000);
    }
}

proptest! {
    #[test]
    fn every_message_comes_to_its_end_in_any_history(
        steps in prop::collection::vec((0_u8..10, any::<u8>(), 0_u8..10), 0..200),
        slots in 1_usize..12, fifo: bool, in_service: bool,
    ) {
        play(&steps, slots, fifo, in_service);
    }
}
