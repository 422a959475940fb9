//! Laws of the pure queue under any sequence of calls, checked against a naive model.

mod model;

use proptest::prelude::*;

use super::queue::{Ask, Counts, Outgoing, Queue, Receipt};
use super::settings::default_spec;
use model::{World, steps};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_is_lost_doubled_or_starved(steps in steps()) {
        let mut world = World::new(false);
        world.take_all(&steps);
        world.drain();
    }

    #[test]
    fn groups_of_a_fifo_queue_keep_their_order(steps in steps()) {
        let mut world = World::new(true);
        world.take_all(&steps);
        world.drain();
    }

    #[test]
    fn a_reloaded_queue_goes_on_where_it_was(fifo: bool, steps in steps(), more in steps()) {
        let mut world = World::new(fifo);
        world.take_all(&steps);
        let mut reloaded = Queue::new(world.queue.spec.clone());
        let everything = world.queue.everything();
        for id in &everything.messages {
            reloaded.restore(world.queue.message(id).unwrap().clone());
        }
        for id in &everything.recent {
            reloaded.restore_recent(id, world.queue.recent(id).unwrap().clone());
        }
        world.queue = reloaded;
        world.take_all(&more);
        world.drain();
    }
}

fn outgoing(id: &str, group: &str, key: Option<&str>) -> Outgoing {
    Outgoing {
        id: id.into(),
        group: Some(group.into()),
        deduplication_key: key.map(str::to_owned),
        ..Outgoing::default()
    }
}

const ONE: Ask = Ask { max: 1, visibility_secs: 30, redrive: false };

#[test]
fn a_quiet_group_goes_before_the_backlog_of_a_noisy_one() {
    let mut queue = Queue::new(default_spec("q", String::new()));
    for number in 0..1_000 {
        queue.send(0, outgoing(&format!("noisy-{number}"), "noisy", None));
    }
    queue.receive(1, Ask { max: 10, ..ONE });
    queue.send(2, outgoing("quiet", "quiet", None));
    assert_eq!(queue.receive(3, ONE).received[0].id, "quiet");
}

#[test]
fn a_message_is_gone_when_its_retention_is_over() {
    let mut queue = Queue::new(default_spec("q", String::new()));
    queue.send(0, outgoing("old", "", None));
    queue.send(1_000, outgoing("new", "", None));
    queue.receive(2_000, ONE);
    queue.expire(345_600_000);
    assert_eq!(queue.counts(), Counts { visible: 1, ..Counts::default() });
    assert_eq!(queue.receive(345_600_000, ONE).received[0].id, "new");
}

#[test]
fn a_message_sent_twice_within_five_minutes_is_the_first_one() {
    let mut queue = Queue::new(default_spec("q.fifo", String::new()));
    let first = queue.send(0, outgoing("first", "g", Some("key")));
    let receipt = Receipt { id: "first".into(), receives: 1 };
    queue.receive(1, ONE);
    queue.delete(&receipt).unwrap();
    queue.expire(299_999);
    assert_eq!(queue.send(299_999, outgoing("second", "g", Some("key"))), first);
    assert_eq!(queue.counts(), Counts::default());
    queue.expire(300_000);
    assert_eq!(queue.send(300_000, outgoing("third", "g", Some("key"))).id, "third");
}
