//! Several workers of one queue: what one hands back in order, another does not take for a crash.

use std::{
    future::{pending, poll_fn},
    sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    task::Poll,
    time::Duration,
};

use longshore::poll::{Ended, Message, Post, Stopped};

use super::super::fakes::{Process, World};
use super::super::{Hold, Tools, Work, poll};
use super::post;
use crate::ports::{Clock as _, Pause as _};

/// Workers at once.
const CREW: usize = 4;
/// Messages of a test.
const MESSAGES: usize = 6;
/// Length of an outage: some thirty receives of each message.
const OUTAGE_SECS: u64 = 3 * 3_600;

/// Works as `how` says, after a second; `poison` kills its worker.
struct Does<'a> {
    world: &'a World,
    how: &'a (dyn Fn(&Message) -> Ended + Sync),
    at_work: AtomicU32,
    is_killed: AtomicBool,
    is_told_to_leave: AtomicBool,
}

impl Work for Does<'_> {
    async fn work(&self, message: &Message, _: &Hold) -> Ended {
        if message.body == "poison" {
            let beside = self.at_work.load(Relaxed);
            assert!(message.receives <= 3 || beside == 0, "a suspect is worked on alone");
            self.is_killed.store(true, Relaxed);
            return pending().await;
        }
        self.at_work.fetch_add(1, Relaxed);
        self.world.sleep(Duration::from_secs(1)).await;
        self.at_work.fetch_sub(1, Relaxed);
        if self.is_told_to_leave.load(Relaxed) {
            return Ended::Stopped(Stopped::Leaving);
        }
        (self.how)(message)
    }
}

type CrewTools<'a> = Tools<'a, World, Does<'a>, World, World, World, World>;

/// A worker that begins anew whenever it has left.
fn worker<'a>(tools: &'a CrewTools<'a>, with_ledger: bool) -> Process<'a> {
    let post = Post { beats: with_ledger, ..post(4, 5) };
    let told = &tools.work.is_told_to_leave;
    Box::pin(async move {
        loop {
            let terminate =
                poll_fn(|_| if told.load(Relaxed) { Poll::Ready(()) } else { Poll::Pending });
            poll(tools, post.clone(), terminate).await;
            told.store(false, Relaxed);
        }
    })
}

/// A queue, a crew, and what happens to it.
struct Crew<'a> {
    world: &'a World,
    with_ledger: bool,
    /// One worker in so many steps is told to leave, or nobody.
    leaves: u64,
    /// A worker is replaced at most so often.
    killed_max: u32,
    how: &'a (dyn Fn(&Message) -> Ended + Sync),
}

impl Crew<'_> {
    /// Works until the queue is empty, or too many workers were killed; how many that were.
    fn works(&self, mut each: impl FnMut(&World)) -> u32 {
        let Self { world, how, .. } = *self;
        let does: Vec<_> = (0..CREW)
            .map(|_| Does {
                world,
                how,
                at_work: AtomicU32::default(),
                is_killed: AtomicBool::default(),
                is_told_to_leave: AtomicBool::default(),
            })
            .collect();
        let workers = self.with_ledger.then_some(world);
        let tools: Vec<_> = does
            .iter()
            .map(|work| Tools {
                inbox: world,
                work,
                shelf: world,
                workers,
                protection: world,
                world,
            })
            .collect();
        let mut crew: Vec<_> = tools.iter().map(|it| worker(it, self.with_ledger)).collect();
        let mut killed = 0;
        world.run(&mut crew, |crew, _| {
            each(world);
            for (which, does) in does.iter().enumerate() {
                if does.is_killed.swap(false, Relaxed) {
                    killed += 1;
                    does.at_work.store(0, Relaxed);
                    crew[which] = worker(&tools[which], self.with_ledger);
                } else if self.leaves > 0 && world.below(self.leaves) == 0 {
                    does.is_told_to_leave.store(true, Relaxed);
                }
            }
            killed >= self.killed_max || world.state().queue.is_empty()
        });
        killed
    }
}

#[test]
fn an_outage_sets_nothing_aside_however_often_what_worker_hands_it_back() {
    for (seed, with_ledger, ledger) in
        [(1, true, "up"), (2, true, "down"), (3, true, "wavers"), (4, false, "")]
    {
        let world = World::new(seed);
        world.state().order = with_ledger.then_some(longshore::fleet::Order::Stay);
        let end = world.now() + Duration::from_secs(OUTAGE_SECS);
        (0..MESSAGES).for_each(|n| world.send(&n.to_string()));
        let received = AtomicU32::default();
        let failed = AtomicU32::default();
        let how = |message: &Message| {
            received.fetch_max(message.receives, Relaxed);
            if world.now() < end {
                Ended::TryLater("exit 75".into())
            } else if failed.fetch_add(1, Relaxed) < 4 {
                Ended::Failed("exit 1".into())
            } else {
                Ended::Done
            }
        };
        let crew =
            Crew { world: &world, with_ledger, leaves: 5_000, killed_max: u32::MAX, how: &how };
        crew.works(|world| {
            let is_down = match ledger {
                "down" => world.now() < end,
                "wavers" => world.now().as_second() / 60 % 2 == 0,
                _ => false,
            };
            world.state().ledger_down = is_down;
        });
        let aside = world.state().aside.clone();
        assert!(aside.is_empty(), "seed {seed}: {aside:?}");
        assert!(received.load(Relaxed) > 20, "seed {seed}: {received:?} receives are no outage");
    }
}

#[test]
fn a_message_that_kills_whoever_works_on_it_is_set_aside_while_others_are_handed_back() {
    for seed in 0..20 {
        let world = World::new(seed);
        world.send("poison");
        (0..MESSAGES).for_each(|n| world.send(&n.to_string()));
        let how = |message: &Message| match message.receives {
            ..4 => Ended::TryLater("exit 75".into()),
            _ => Ended::Done,
        };
        let crew =
            Crew { world: &world, with_ledger: true, leaves: 2_000, killed_max: 40, how: &how };
        let killed = crew.works(|_| ());
        let aside: Vec<_> = world.state().aside.iter().cloned().collect();
        assert_eq!(aside, ["dead-letter/messages/q/m1.ndjson"], "seed {seed}");
        // Three times beside others, five times alone, and again for each note that was lost.
        assert!((8..20).contains(&killed), "seed {seed}: {killed}");
    }
}

#[test]
fn without_a_ledger_what_kills_its_workers_is_left_to_the_queue() {
    let world = World::new(1);
    world.send("poison");
    (0..MESSAGES).for_each(|n| world.send(&n.to_string()));
    let crew = Crew {
        world: &world,
        with_ledger: false,
        leaves: 0,
        killed_max: 20,
        how: &|_| Ended::Done,
    };
    assert_eq!(crew.works(|_| ()), 20);
    let state = world.state();
    let left: Vec<_> = state.queue.keys().cloned().collect();
    assert_eq!(left, ["m1"], "its neighbours are done");
    assert!(state.aside.is_empty());
}

#[test]
fn work_that_fails_is_tried_as_often_as_all_workers_together_may() {
    for seed in 0..10 {
        let world = World::new(seed);
        world.send("bad");
        let tries = AtomicU32::default();
        let how = |message: &Message| {
            if message.receives.is_multiple_of(3) {
                return Ended::TryLater("exit 75".into());
            }
            tries.fetch_add(1, Relaxed);
            Ended::Failed("exit 1".into())
        };
        let crew =
            Crew { world: &world, with_ledger: true, leaves: 0, killed_max: u32::MAX, how: &how };
        crew.works(|_| ());
        assert_eq!(world.state().aside.len(), 1, "seed {seed}");
        assert_eq!(tries.load(Relaxed), 5, "seed {seed}");
    }
}
