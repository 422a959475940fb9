//! A task of the service: nothing until it has started, then a worker at its desk.

use jiff::Timestamp;

use crate::{
    fleet::{Order, Worker},
    poll::{
        Ask, Desk, Do, Ended, Happened, Key, Lend, Message, PollOptions, Post, Protected, Stopped,
        Told,
    },
};

/// How long a call waits for messages.
const WAIT_SECS: i64 = 20;

/// A task.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) id: String,
    /// When its worker begins.
    pub(super) begins: i64,
    desk: Option<Desk>,
    /// Its row.
    pub(super) row: Option<Worker>,
    pub(super) is_protected: bool,
    /// Messages that it has received and not given back.
    held: u32,
    /// Messages at work, and when each is done.
    work: Vec<(Key, i64)>,
    /// Calls that wait: for how many, and until when.
    calls: Vec<(usize, i64)>,
    /// Whether it was told to end.
    pub(super) is_stopping: bool,
    pub(super) has_left: bool,
}

/// The queue.
#[derive(Debug, Default)]
pub(super) struct Messages {
    pub(super) visible: u32,
    pub(super) in_flight: u32,
    pub(super) received: u64,
}

/// A moment of a task.
pub(super) struct Moment<'a> {
    pub(super) now: i64,
    pub(super) at: Timestamp,
    pub(super) queue: &'a mut Messages,
    /// How long a message takes.
    pub(super) work_secs: i64,
}

impl Messages {
    fn receive(&mut self, count: usize) -> Vec<Message> {
        let count = self.visible.min(u32::try_from(count).unwrap());
        self.visible -= count;
        self.in_flight += count;
        let message = |nth: u64| Message {
            id: nth.to_string(),
            receipt: nth.to_string(),
            body: String::new(),
            group: None,
            receives: 1,
            sent: None,
            first_received: None,
        };
        let first = self.received;
        self.received += u64::from(count);
        (first..self.received).map(message).collect()
    }

    fn give_back(&mut self, count: u32) {
        self.in_flight -= count;
        self.visible += count;
    }
}

impl Task {
    pub(super) fn new(nth: usize, begins: i64) -> Self {
        Self {
            id: format!("{nth:04}"),
            begins,
            desk: None,
            row: None,
            is_protected: false,
            held: 0,
            work: Vec::new(),
            calls: Vec::new(),
            is_stopping: false,
            has_left: false,
        }
    }

    fn post(&self) -> Post {
        Post {
            options: PollOptions { queue: "http://localhost/0/q".into(), slots: 1, tries: 5 },
            visibility_secs: 300,
            stop_secs: 20,
            task: format!("arn:aws:ecs:eu-west-1:123456789012:task/main/{}", self.id),
            definition: None,
            beats: true,
            in_service: true,
            sets_aside: true,
        }
    }

    /// A second passes.
    pub(super) fn pass(&mut self, moment: &mut Moment<'_>) {
        if moment.now < self.begins || self.has_left {
            return;
        }
        let desk = self.desk.take();
        let mut desk = desk.unwrap_or_else(|| Desk::new(self.post(), moment.at));
        let mut happened = self.happens(moment);
        loop {
            for what in happened.drain(..) {
                desk.happened(what, moment.at, 0);
            }
            let todo = desk.next(moment.at, 0);
            if todo.is_empty() {
                break;
            }
            happened.extend(todo.into_iter().filter_map(|todo| self.carry_out(todo, moment)));
        }
        self.desk = Some(desk);
        if self.has_left {
            self.vanish(moment.queue);
        }
    }

    /// Calls come back, and work ends.
    fn happens(&mut self, Moment { now, queue, .. }: &mut Moment<'_>) -> Vec<Happened> {
        let mut happened = Vec::new();
        for (asked, until) in std::mem::take(&mut self.calls) {
            let messages = queue.receive(asked);
            if messages.is_empty() && *now < until {
                self.calls.push((asked, until));
            } else {
                self.held += u32::try_from(messages.len()).unwrap();
                happened.push(Happened::Came { asked, messages: Some(messages) });
            }
        }
        let done = self.work.extract_if(.., |(_, until)| *until <= *now);
        happened.extend(done.map(|(key, _)| Happened::Ended { key, ended: Ended::Done }));
        happened
    }

    /// Everything goes well, at once.
    fn carry_out(&mut self, todo: Do, moment: &mut Moment<'_>) -> Option<Happened> {
        let told = |lends: Vec<Lend>| lends.into_iter().map(|lend| (lend, Told::Done)).collect();
        Some(match todo {
            Do::Receive { count } => {
                self.calls.push((count, moment.now + WAIT_SECS));
                return None;
            }
            Do::ReceiveNoMore => {
                self.calls.clear();
                return None;
            }
            Do::Begin { key, .. } => {
                self.work.push((key, moment.now + moment.work_secs));
                return None;
            }
            Do::Ask { ask: Ask::Finish, .. } | Do::Lent { .. } => return None,
            Do::Ask { key, ask: Ask::Stop(_) } => {
                self.work.retain(|(one, _)| *one != key);
                Happened::Ended { key, ended: Ended::Stopped(Stopped::Leaving) }
            }
            Do::Delete(lends) => {
                let count = u32::try_from(lends.len()).unwrap();
                self.held -= count;
                moment.queue.in_flight -= count;
                Happened::Settled(told(lends))
            }
            Do::HandBack(lends) => {
                let count = u32::try_from(lends.len()).unwrap();
                self.held -= count;
                moment.queue.give_back(count);
                Happened::Settled(told(lends))
            }
            Do::Extend(lends) => Happened::Extended { called: moment.at, told: told(lends) },
            Do::Beat(beat) => {
                let drain = self.row.as_ref().and_then(|row| row.drain);
                self.row = Some(Worker { beat, drain });
                Happened::Beaten(Some(if drain.is_some() { Order::Drain } else { Order::Stay }))
            }
            Do::Protect => {
                self.is_protected = true;
                Happened::Protected(Protected::Yes)
            }
            Do::Unprotect => {
                assert_eq!(self.held, 0, "it holds something");
                self.is_protected = false;
                Happened::Unprotected { done: true }
            }
            Do::SetAside { .. } | Do::Note { .. } => unreachable!("no message is bad"),
            Do::Leave => {
                self.has_left = true;
                return None;
            }
        })
    }

    /// SIGTERM.
    pub(super) fn terminate(&mut self, at: Timestamp) {
        self.is_stopping = true;
        match &mut self.desk {
            Some(desk) => desk.happened(Happened::Terminated, at, 0),
            None => self.has_left = true,
        }
    }

    /// It is gone, and what it held comes back.
    pub(super) fn vanish(&mut self, queue: &mut Messages) {
        queue.give_back(std::mem::take(&mut self.held));
        self.has_left = true;
        self.is_protected = false;
    }
}
