//! Queues are worked off by workers that die, and the table ends equal to the truth.

mod checkpoints;
mod crews;

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Mutex;

use longshore::fleet::{Order, Stage};
use longshore::poll::{Ended, Message, PollOptions, Post};

use super::fakes::{Process, World};
use super::{Hold, Rows, Tools, Work, poll, work_off_objects};
use crate::ingest::{IngestPlan, LANES_DEFAULT};

fn post(slots: usize, tries: u32) -> Post {
    Post {
        options: PollOptions { queue: "http://localhost/0/q".into(), slots, tries },
        visibility_secs: 30,
        stop_secs: 20,
        task: "t".into(),
        definition: None,
        beats: true,
        in_service: false,
        sets_aside: true,
    }
}

/// Makes rows of the objects; a message that says `poison` kills its worker.
struct RowsOf<'a> {
    world: &'a World,
    lanes: usize,
    killed: Mutex<u32>,
    at_work: Mutex<u32>,
}

/// A message at work, until its work ends or its worker does.
struct AtWork<'a>(&'a Mutex<u32>);

impl<'a> AtWork<'a> {
    fn begin(count: &'a Mutex<u32>) -> Self {
        *count.lock().unwrap() += 1;
        Self(count)
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap() -= 1;
    }
}

impl<'a> RowsOf<'a> {
    fn new(world: &'a World) -> Self {
        Self { world, lanes: LANES_DEFAULT, killed: Mutex::default(), at_work: Mutex::default() }
    }
}

impl Work for RowsOf<'_> {
    async fn work(&self, message: &Message, hold: &Hold) -> Ended {
        if message.body == "poison" {
            let beside = *self.at_work.lock().unwrap();
            assert!(message.receives <= 3 || beside == 0, "a suspect is worked on alone");
            *self.killed.lock().unwrap() += 1;
            return pending().await;
        }
        let _at_work = AtWork::begin(&self.at_work);
        let world = self.world;
        let key = || "id".parse().unwrap();
        let plan =
            |object| IngestPlan { lanes: self.lanes, ..IngestPlan::new(object, key(), "b".into()) };
        let (checkpoints, queue) = (Some(world), "q");
        let rows = Rows { objects: world, table: world, world, plan, checkpoints, queue };
        work_off_objects(&rows, message, hold).await
    }
}

fn worker<'a>(
    tools: &'a Tools<'a, World, RowsOf<'a>, World, World, World, World>,
    slots: usize,
    tries: u32,
) -> Process<'a> {
    Box::pin(poll(tools, post(slots, tries), pending()))
}

fn tools<'a>(
    world: &'a World,
    work: &'a RowsOf<'a>,
) -> Tools<'a, World, RowsOf<'a>, World, World, World, World> {
    let workers = Some(world);
    Tools { inbox: world, work, shelf: world, workers, protection: world, world }
}

fn content(key: &str, version: u64) -> String {
    let rows = (0..30).map(|n| format!("{key}-{n},{version}\n"));
    format!("id,v\n{}", rows.collect::<String>())
}

/// What the newest version of each object says.
fn truth(world: &World) -> BTreeMap<String, String> {
    let state = world.state();
    let newest = state.objects.values().filter_map(|versions| versions.last());
    let rows = newest.flat_map(|content| content.lines().skip(1));
    rows.map(|row| row.split_once(',').unwrap()).map(|(id, v)| (id.into(), v.into())).collect()
}

/// Tries where death is everywhere and nobody's fault.
const MANY: u32 = 100;

#[test]
fn the_table_ends_equal_to_the_truth_whoever_dies_when() {
    let mut deaths = 0_u32;
    for seed in 0..100 {
        let world = World::new(seed);
        for n in 0..8 {
            world.upload(&format!("{n}.csv"), &content(&n.to_string(), 1));
        }
        let work = RowsOf::new(&world);
        let tools = tools(&world, &work);
        let slots = 1 + usize::try_from(world.below(6)).unwrap();
        let mut workers = vec![worker(&tools, slots, MANY), worker(&tools, slots, MANY)];
        let mut uploads = 10;
        world.run(&mut workers, |workers, _| {
            if uploads > 0 && world.below(20) == 0 {
                let key = world.below(8).to_string();
                uploads -= 1;
                world.upload(&format!("{key}.csv"), &content(&key, 20 - uploads));
            }
            if world.below(60) == 0 {
                let which = usize::try_from(world.below(2)).unwrap();
                workers[which] = worker(&tools, slots, MANY);
                deaths += 1;
            }
            uploads == 0 && world.state().queue.is_empty()
        });
        drop(workers);
        // What was sent last lands.
        world.run(&mut [Box::pin(world.settle())], |_, _| false);
        let aside = world.state().aside.clone();
        assert!(aside.is_empty(), "seed {seed}: {aside:?}");
        let rows = world.state().rows.clone();
        assert_eq!(rows, truth(&world), "seed {seed}");
    }
    assert!(deaths > 200, "{deaths}");
}

#[test]
fn a_message_that_kills_its_workers_is_set_aside_without_its_neighbours() {
    for seed in 0..20 {
        let world = World::new(seed);
        world.send("poison");
        for n in 0..12 {
            world.upload(&format!("{n}.csv"), &content(&n.to_string(), 1));
        }
        let work = RowsOf::new(&world);
        let tools = tools(&world, &work);
        let mut workers = vec![worker(&tools, 10, 5)];
        let mut killed = 0;
        world.run(&mut workers, |workers, _| {
            let now_killed = *work.killed.lock().unwrap();
            if now_killed > killed {
                killed = now_killed;
                workers[0] = worker(&tools, 10, 5);
            }
            world.state().queue.is_empty()
        });
        let aside: Vec<_> = world.state().aside.iter().cloned().collect();
        assert_eq!(aside, ["dead-letter/messages/q/m1.ndjson"], "seed {seed}");
        // Three times beside others, five times alone, and again for each note that was not taken.
        assert!((8..16).contains(&killed), "{killed}");
        let rows = world.state().rows.clone();
        assert_eq!(rows, truth(&world), "seed {seed}");
    }
}

#[test]
fn what_names_no_object_is_set_aside_and_a_drained_worker_leaves() {
    let world = World::new(1);
    world.send("no object");
    world.upload("a.csv", &content("a", 1));
    let work = RowsOf::new(&world);
    let tools = tools(&world, &work);
    let mut workers = vec![worker(&tools, 2, 5)];
    world.state().order = Some(Order::Stay);
    world.run(&mut workers, |_, _| {
        let mut state = world.state();
        if state.queue.is_empty() {
            state.order = Some(Order::Drain);
        }
        false
    });
    let state = world.state();
    assert_eq!(state.aside.len(), 1);
    let last = state.beats.last().unwrap();
    assert_eq!((last.stage, last.messages, last.in_flight), (Stage::Drained, 2, 0));
    let apart = state.beats.windows(2).all(|two| {
        two[0].stage != two[1].stage || two[1].at.duration_since(two[0].at).as_secs() >= 10
    });
    assert!(apart, "one write in ten seconds: {:?}", state.beats);
}
