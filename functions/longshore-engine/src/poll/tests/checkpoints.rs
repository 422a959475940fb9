//! Work that is broken off is gone on with where it was.

use std::{
    future::poll_fn,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    task::Poll,
    time::Duration,
};

use serde_json::json;

use super::super::fakes::{Process, World};
use super::super::{Tools, poll};
use super::{MANY, RowsOf, post, tools, truth};

type RowsTools<'a> = Tools<'a, World, RowsOf<'a>, World, World, World, World>;

/// A worker with one slot; it begins anew whenever it was told to end and
/// has left.
fn worker<'a>(tools: &'a RowsTools<'a>, told: &'a AtomicBool, tries: u32) -> Process<'a> {
    Box::pin(async move {
        loop {
            let terminate =
                poll_fn(|_| if told.load(Relaxed) { Poll::Ready(()) } else { Poll::Pending });
            poll(tools, post(1, tries), terminate).await;
            told.store(false, Relaxed);
        }
    })
}

fn rows(count: usize) -> String {
    let rows = (0..count).map(|n| format!("{n},{}\n", n % 7));
    format!("id,v\n{}", rows.collect::<String>())
}

fn assert_done(world: &World, case: &str) {
    world.run(&mut [Box::pin(world.settle())], |_, _| false);
    assert!(world.state().aside.is_empty(), "{case}");
    let rows = world.state().rows.clone();
    assert_eq!(rows, truth(world), "{case}");
}

#[test]
fn an_object_of_more_than_a_day_is_done_in_three_turns_and_spends_no_try() {
    const ROWS: usize = 230_000;
    let world = World::new(1);
    world.state().is_slow = true;
    world.upload("a.csv", &rows(ROWS));
    let work = RowsOf { lanes: 1, ..RowsOf::new(&world) };
    let (tools, told) = (tools(&world, &work), AtomicBool::new(false));
    let (began, mut receives) = (world.state().now, 0);
    world.run(&mut [worker(&tools, &told, 1)], |_, _| {
        let state = world.state();
        receives = state.queue.values().next().map_or(receives, |queued| queued.receives);
        state.queue.is_empty()
    });
    assert_done(&world, "");
    let hours = world.state().now.duration_since(began).as_hours();
    // It comes once more whenever the ledger does not say how far it is.
    assert!(hours > 22 && (3..=5).contains(&receives), "{receives} times in {hours} hours");
    let puts = world.state().puts;
    assert!(puts < ROWS + ROWS / 10, "{puts}");
}

#[test]
fn whoever_is_told_to_end_or_killed_leaves_no_more_than_minutes_to_be_done_again() {
    const ROWS: usize = 20_000;
    for seed in 0..20 {
        let world = World::new(seed);
        world.upload("a.csv", &rows(ROWS));
        // One, but that some come twice.
        let mut messages = world.state().queue.len();
        let mut is_overwritten = false;
        let work = RowsOf::new(&world);
        let (tools, told) = (tools(&world, &work), AtomicBool::new(false));
        let mut ends = 0;
        let mut next = world.state().now;
        world.run(&mut [worker(&tools, &told, MANY)], |workers, _| {
            if world.state().now >= next {
                next = world.state().now + Duration::from_secs(30 + world.below(120));
                ends += 1;
                if world.below(4) == 0 {
                    workers[0] = worker(&tools, &told, MANY);
                } else {
                    told.store(true, Relaxed);
                }
            }
            if seed % 2 == 0 && !is_overwritten && world.below(200) == 0 {
                is_overwritten = true;
                let before = world.state().queue.len();
                world.upload("a.csv", &rows(ROWS).replace(",3\n", ",new\n"));
                messages += world.state().queue.len() - before;
            }
            world.state().queue.is_empty()
        });
        assert_done(&world, &format!("seed {seed}"));
        let puts = world.state().puts;
        let bound = ROWS * messages + 2_000 * ends;
        assert!(puts < bound, "seed {seed}: {puts} rows were sent in {ends} lives");
    }
}

/// What is current again after a deletion has no message of its own.
#[test]
fn what_was_done_is_taken_back_before_another_version_goes_over_it() {
    const ROWS: usize = 20_000;
    for seed in 0..20 {
        let world = World::new(seed);
        world.upload("a.csv", &rows(ROWS));
        world.state().queue.split_off("m2");
        let work = RowsOf::new(&world);
        let (tools, told) = (tools(&world, &work), AtomicBool::new(false));
        let began = world.state().now;
        let mut stage = 0;
        world.run(&mut [worker(&tools, &told, MANY)], |workers, _| {
            let secs = world.state().now.duration_since(began).as_secs();
            if stage == 0 && secs >= 60 {
                told.store(true, Relaxed);
                stage = 1;
            } else if stage == 1 && !told.load(Relaxed) {
                world.upload("a.csv", &rows(ROWS).replace(",3\n", ",new\n"));
                world.state().queue.split_off("m2");
                stage = 2;
            } else if stage == 2 && secs >= 240 {
                assert!(world.state().rows.values().any(|row| row == "new"), "it was begun");
                workers[0] = worker(&tools, &told, MANY);
                world.state().objects.get_mut("a.csv").unwrap().pop();
                stage = 3;
            }
            world.state().queue.is_empty()
        });
        assert_eq!(stage, 3);
        assert_done(&world, &format!("seed {seed}"));
    }
}

#[test]
fn an_object_that_is_bad_does_not_keep_its_neighbours_from_being_gone_on_with() {
    const ROWS: usize = 20_000;
    let world = World::new(1);
    world.upload("bad.csv", "name\nx\n");
    world.upload("a.csv", &rows(ROWS));
    world.state().queue.clear();
    let record = |key: &str| {
        let s3 = json!({"bucket": {"name": "b"}, "object": {"key": key}});
        json!({"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": s3})
    };
    world.send(&json!({"Records": [record("bad.csv"), record("a.csv")]}).to_string());
    let work = RowsOf::new(&world);
    let (tools, told) = (tools(&world, &work), AtomicBool::new(false));
    let mut next = world.state().now;
    world.run(&mut [worker(&tools, &told, MANY)], |_, _| {
        if world.state().now >= next {
            next = world.state().now + Duration::from_mins(2);
            told.store(true, Relaxed);
        }
        world.state().queue.is_empty()
    });
    world.run(&mut [Box::pin(world.settle())], |_, _| false);
    let state = world.state();
    assert_eq!((state.rows.len(), state.aside.len()), (ROWS, 1));
    assert!(state.puts < 2 * ROWS, "{}", state.puts);
}
