//! An object that one worker began, and others go on with.

use super::super::fakes::run_for;
use super::*;
use longshore::ingest::Behind;

/// Works off an object in lives that end anywhere; says how many there were, and what the last one
/// told.
fn lives(chance: &Chance, shelf: &Shelf, table: &MoodyTable<'_>, lease: u64) -> (u64, Ingested) {
    let mut behind = Behind::default();
    for life in 1.. {
        let ours = if chance.below(2) == 0 { Ours::always() } else { Ours::times(lease) };
        let lanes = 1 + usize::try_from(chance.below(9)).unwrap();
        let plan = IngestPlan { lanes, behind: behind.clone(), ..plan("a.ndjson") };
        *ours.behind.lock().unwrap() = behind;
        let polls = if life < 20 { chance.below(3_000) } else { u64::MAX };
        let ended = run_for(polls, ingest(shelf, table, chance, &ours, &plan));
        table.forget_calls();
        behind = ours.behind.into_inner().unwrap();
        match ended {
            Some(Ok(ingested)) => return (life, ingested),
            Some(Err(error)) => assert_eq!(error, IngestError::FenceLost),
            None => {}
        }
    }
    unreachable!()
}

#[test]
fn whoever_goes_on_writes_the_rest_and_tells_the_whole() {
    let (mut all_lives, mut before) = (0, 0);
    for seed in 0..150 {
        let chance = Chance::new(seed);
        let rows = 1 + chance.below(1_500);
        let (lines, truth, bad) = object(&chance, rows);
        let bytes = if seed % 2 == 0 { gzip(lines.as_bytes()) } else { lines.into_bytes() };
        let shelf = Shelf::with(bytes);
        let mut table = MoodyTable::new(&chance, WILD);
        table.has_lives = true;
        let (count, done) = lives(&chance, &shelf, &table, 1 + chance.below(60));
        let counts = done.summary.counts();
        assert_eq!((counts.read, counts.dead_lettered), (rows, bad), "seed {seed}");
        assert_eq!(found(&table), truth, "seed {seed}");
        let letters =
            done.dead_letters.map(|_| shelf.puts.lock().unwrap().values().next().cloned());
        let letters = letters.flatten().unwrap_or_default();
        let letters = letters.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
        assert_eq!(letters as u64, bad, "each of them is told of: seed {seed}");
        (all_lives, before) = (all_lives + count, before + counts.written_before);
    }
    assert!(all_lives > 400 && before > 2_000, "{all_lives} lives, {before} records");
}

#[test]
fn nothing_is_written_of_what_was_written_before() {
    let lines = lines(100, |n| format!("{{\"id\":\"{n}\",\"n\":1}}\n"));
    let (shelf, chance) = (Shelf::with(lines), Chance::new(1));
    let table = MoodyTable::new(&chance, CALM);
    let behind = Behind { records: 60, ..Behind::default() };
    let plan = IngestPlan { behind, ..plan("a.ndjson") };
    let done = run(ingest(&shelf, &table, &chance, &Ours::always(), &plan)).unwrap();
    expect!["read 100 = written 40 + replaced 0 + dead-lettered 0 + written before 60"]
        .assert_eq(&done.summary.to_string());
    assert_eq!(table.rows.lock().unwrap().len(), 40);
}
