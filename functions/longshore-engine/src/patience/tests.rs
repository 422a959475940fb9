use std::cell::Cell;

use super::*;
use crate::{
    fakes::{FakeWorld, ready},
    ports::{Clock, LedgerError},
};

/// Asks one that is away for `away_secs`; the answer, the tries, and the seconds it took.
fn ask(away_secs: i64) -> (Result<&'static str, String>, u32, i64) {
    let world = FakeWorld::default();
    let (began, tries) = (world.now(), Cell::new(0));
    let answer = ready(patiently(&world, PATIENCE, async || {
        tries.set(tries.get() + 1);
        let secs = world.now().duration_since(began).as_secs();
        if secs < away_secs {
            Err(LedgerError(format!("away at {secs} s")).into())
        } else {
            Ok("there")
        }
    }));
    let secs = world.now().duration_since(began).as_secs();
    (answer.map_err(|trouble| trouble.to_string()), tries.get(), secs)
}

#[test]
fn who_is_there_is_asked_once() {
    assert_eq!(ask(0), (Ok("there"), 1, 0));
}

#[test]
fn an_outage_is_outlived_without_a_storm() {
    let (answer, tries, secs) = ask(280);
    assert_eq!(answer, Ok("there"));
    assert!((280..=290).contains(&secs), "{secs} s");
    assert!((28..=150).contains(&tries), "{tries} tries");
}

#[test]
fn patience_ends() {
    let (answer, _, secs) = ask(3_600);
    assert!(answer.unwrap_err().contains("away at 30"), "the last answer is told");
    assert!((300..=310).contains(&secs), "{secs} s");
}
