//! What the workers of a queue tell each other of messages: asked before a suspect is worked on, said
//! before its work begins and when it has ended.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Desk, Do, Key,
    ends::again,
    held::{At, Noted, Settling},
    mixed,
};
use crate::poll::{Ended, Marks, Note, Place, Stopped, place};

/// How often an end is noted before the message is handed back all the same. Whoever does not hear of
/// it works on the message alone, and no more.
const TRIES_MAX: u32 = 5;

impl Desk {
    /// Notes what is to be noted.
    pub(super) fn note_next(&mut self, now: Timestamp, todo: &mut Vec<Do>) {
        for (key, held) in &mut self.held {
            let At::Noting { note, at, calling, .. } = &mut held.at else { continue };
            if *calling || *at > now {
                continue;
            }
            *calling = true;
            // Nobody knows whether a note was taken that was not answered.
            if *note == Note::Begun {
                held.noted = Noted::Begun;
            }
            todo.push(Do::Note { key: *key, message: Arc::clone(&held.message), note: *note });
        }
    }

    pub(super) fn noted(&mut self, key: Key, marks: Option<&Marks>, now: Timestamp, jitter: u64) {
        let Some(held) = self.held.get_mut(&key) else { return };
        let At::Noting { note, ended, at, calling, tries } = &mut held.at else { return };
        let note = *note;
        match (ended, marks) {
            (Some(_), None) if *tries + 1 < TRIES_MAX => {
                (*calling, *tries) = (false, *tries + 1);
                *at = again(now, *tries, mixed(jitter, key));
            }
            (Some(ended), marks) => {
                let (how, nothing) = (ended.clone(), Marks::default());
                self.settle(key, &how, marks.unwrap_or(&nothing), now, jitter);
            }
            (None, marks) if note == Note::Look => self.looked(key, marks, now),
            (None, _) => self.said.push(key),
        }
    }

    /// What the ledger does not say is no evidence, but the suspicion stays.
    fn looked(&mut self, key: Key, marks: Option<&Marks>, now: Timestamp) {
        let Some(held) = self.held.get_mut(&key) else { return };
        let (none, past) = (Marks::default(), self.memory.of(&held.message.id));
        let (receives, tries) = (held.message.receives, self.post.options.tries);
        held.at = At::Waiting;
        match place(receives, past, marks.unwrap_or(&none), tries) {
            Place::Beside => {}
            Place::Alone => {
                held.alone = true;
                self.appetite.be_careful();
            }
            Place::Aside(reason) => {
                let what = self.settling_aside(reason);
                let comes_back = matches!(what, Settling::Back { .. });
                if let Some(held) = self.held.get_mut(&key) {
                    held.settle(what, now);
                }
                if comes_back {
                    self.stop_group(key, now);
                }
            }
        }
    }

    /// It is said that work on them begins, as well as can be; meanwhile one may have become another's,
    /// or too late.
    pub(super) fn begin_noted(&mut self, now: Timestamp, todo: &mut Vec<Do>) {
        for key in std::mem::take(&mut self.said) {
            let leaves = self.leaves();
            let Some(held) = self.held.get_mut(&key) else { continue };
            let lapsed = held.lease.has_lapsed(now);
            if lapsed || leaves {
                let why = if lapsed { Stopped::Lost } else { Stopped::Leaving };
                self.memory.unworked(&held.message.id);
                held.note(Note::Ended, Some(Ended::Stopped(why)), now);
            } else {
                self.begin(key, now, todo);
            }
        }
    }
}
