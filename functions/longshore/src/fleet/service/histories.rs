//! A service, its workers and its scaler through any history: it never sticks, and nobody has to be
//! stopped at work.

mod task;
mod world;

use proptest::prelude::*;
use world::{Terms, World};

/// Longest that messages wait without anybody receiving, whatever happened: a trial of the breaker
/// after it opened, and a launch.
const WAITS_SECS: i64 = 600;
/// After this a service with nothing to do is as small as it may be: most are after a minute; but
/// the slowest stream that a task is kept for is one message a minute, and it takes eighteen that did
/// not come to know that it is over.
const RESTS_SECS: i64 = 1_200;

/// What happens to a service.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// So many messages are sent.
    Burst(u32),
    /// A task is lost, without a word.
    Loss(usize),
    /// ECS or Spot has a task end, protected or not.
    Reclaim(usize),
    /// `UpdateService` is throttled for so many seconds.
    Throttled(i64),
    /// The scaler dies, and another begins after so many seconds.
    Death(i64),
}

fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let event = prop_oneof![
        6 => (1..80_u32).prop_map(Event::Burst),
        1 => (0..8_usize).prop_map(Event::Loss),
        1 => (0..8_usize).prop_map(Event::Reclaim),
        1 => (1..60_i64).prop_map(Event::Throttled),
        1 => (1..60_i64).prop_map(Event::Death),
    ];
    prop::collection::vec((0..200_i64, event), 1..14)
}

fn terms() -> impl Strategy<Value = Terms> {
    (0..3_u32, 1..7_u32, 1..40_i64, 1..20_i64, 1..12_i64, any::<u64>()).prop_map(
        |(min_tasks, more, launch_secs, work_secs, ecs_secs, seed)| Terms {
            min_tasks,
            max_tasks: min_tasks + more,
            launch_secs,
            work_secs,
            ecs_secs,
            seed,
        },
    )
}

fn play(terms: Terms, events: &[(i64, Event)]) {
    let mut world = World::new(terms);
    for &(after, event) in events {
        world.pass(after, WAITS_SECS);
        world.happens(event);
    }
    while world.has_messages() {
        world.pass(1, WAITS_SECS);
    }
    world.pass(RESTS_SECS, WAITS_SECS);
    assert_eq!(world.alive(), (terms.min_tasks, terms.min_tasks), "{}", world.story());
}

proptest! {
    #[test]
    fn a_service_never_sticks_and_nobody_is_stopped_at_work(
        terms in terms(), events in events(),
    ) {
        play(terms, &events);
    }
}
