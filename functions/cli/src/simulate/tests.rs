use std::{env, fs, process};

use clap::Parser;
use expect_test::{Expect, expect};

use super::*;
use crate::args::{Args, Command};

/// A file of this process, gone when it is dropped.
struct File(std::path::PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = env::temp_dir().join(format!("longshore-{}-{name}", process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

fn args(words: &[&str]) -> Result<SimulateArgs, String> {
    let words = ["longshore", "simulate"].iter().chain(words);
    let parsed = Args::try_parse_from(words).map_err(|error| error.to_string())?;
    match parsed.command {
        Command::Simulate(args) => Ok(*args),
        other => Err(format!("{other:?}")),
    }
}

fn refused(words: &[&str]) -> String {
    let said = args(words).and_then(|args| run(&args, false)).unwrap_err();
    said.lines().next().unwrap_or_default().to_owned() + "\n"
}

#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(words: &[&str], expected: Expect) {
    expected.assert_eq(&refused(words));
}

#[test]
fn a_load_is_named_or_read_from_a_file() {
    let file = File::new("arrivals.csv", "seconds,count\n0,3\n60,0\n");
    let args = args(&["--csv", file.path(), "--work", "7", "--messages-per-task", "4"]).unwrap();
    let Load { trace, .. } = load(&args).unwrap();
    assert_eq!((trace.arrivals.len(), trace.slots), (3, 4));
    assert!(trace.work_secs.iter().all(|secs| *secs > 0.0));
}

#[test]
fn a_load_is_what_a_scaler_recorded() {
    let seen = |at: u32, visible: u32, done: u32| {
        json!({"atSecs": at, "queue": {"atSecs": at, "visible": visible, "inFlight": 0},
            "workers": {"messages": done, "busySecs": 3 * done}, "startedSecs": [41.0]})
    };
    let log = [seen(10, 2, 0), seen(20, 0, 2), seen(30, 1, 0)].map(|seen| format!("{seen}\n"));
    let file = File::new("recorded.ndjson", &log.concat());
    let asked = args(&["--log", file.path()]).unwrap();
    let Load { trace, launch_secs, .. } = load(&asked).unwrap();
    assert_eq!((trace.arrivals.as_slice(), launch_secs), (&[0.0, 0.0, 15.0][..], Some(41.0)));
    assert!(trace.mean_work_secs() > 0.0);
    let empty = File::new("nothing.ndjson", "");
    let said = refused(&["--log", empty.path()]);
    assert!(said.ends_with("nothing.ndjson: no message came; take a longer time\n"), "{said}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    check(
        &["flsh"],
        expect![[r#"
        error: invalid value 'flsh' for '[LOAD]': `flsh` is no shape; write one of steady, diurnal, drift, flash, heavy, sparse, long-work, dump-10k, dump-100k, dump-1m, on-off, switching, sawtooth, ninety-seconds, pulses, patient, two-senders
    "#]],
    );
    check(
        &["flash", "--max-wait", "soon"],
        expect![[r#"
        error: invalid value 'soon' for '--max-wait <TIME>': `soon` is no duration; write it like `30s`, `5m` or `1h 30m`
    "#]],
    );
    check(
        &["flash", "--launch-delay", "NaN"],
        expect![[r#"
        error: invalid value 'NaN' for '--launch-delay <TIME>': `NaN` is no duration; write it like `30s`, `5m` or `1h 30m`
    "#]],
    );
    check(
        &["flash", "--min-tasks", "3", "--max-tasks", "2"],
        expect![[r#"
        arguments.minTasks: is 3, more than maxTasks, which is 2; correct the settings of the queue
    "#]],
    );
    check(
        &["flash", "--max-tasks", "0"],
        expect![[r#"
        arguments.maxTasks: is 0, not 1 to 5000; correct the settings of the queue
    "#]],
    );
    check(
        &["flash", "--messages-per-task", "0"],
        expect![[r#"
        error: invalid value '0' for '--messages-per-task <COUNT>': 0 is not in 1..=1000
    "#]],
    );
    let file = File::new("bad.csv", "0,3\n60,many\n");
    let said = refused(&["--csv", file.path()]);
    assert!(said.contains("bad.csv: line 2: `60,many` has a count that is no whole"), "{said}");
    assert!(refused(&["--csv", "no-such-file.csv"]).starts_with("no-such-file.csv: "));
}

#[test]
fn a_chart_is_written_and_each_change_is_told() {
    let file = File::new("sparse.svg", "");
    let args = args(&["sparse", "--svg", file.path(), "--why"]).unwrap();
    run(&args, true).unwrap();
    assert!(fs::read_to_string(&file.0).unwrap().ends_with("</svg>\n"));
    let (curves, changes) = all(&load(&args).unwrap(), &World::default(), &args.show).unwrap();
    assert_eq!(curves.len(), 12, "three biases and nine peers");
    assert!(changes.len() > 20 && changes.iter().all(|(_, it)| it.launch + it.drain > 0));
}
