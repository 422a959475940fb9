//! `kill -9` of a function, a task or the whole embedded AWS, at random moments of uploads that are
//! under way. `LONGSHORE_KILLS=200` kills more often, `LONGSHORE_SEED=7` elsewhere.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use rustix::process::Signal;

use crate::stand::{PROGRAM, RunRow, Stand, Template, kill, pids_with};

/// Kills of the suite, over all stands.
const KILLS: u64 = 24;
/// Stands that are killed at the same time.
const STANDS: u64 = 4;
/// Uploads under way at each kill.
const UPLOADS: usize = 3;
/// A kill comes at the latest so long after its uploads: longer than the path of an upload.
const MOMENT_MS_MAX: u64 = 1_200;
/// How long uploads are gathered before that.
const GATHERING_MS: u64 = 2_000;

/// In the environment of the functions.
pub(super) const TRIGGER: &str = "AWS_LAMBDA_FUNCTION_NAME=longshore-TriggerFunction";
pub(super) const OBSERVER: &str = "AWS_LAMBDA_FUNCTION_NAME=longshore-ObserverFunction";

/// Splitmix64: moments and victims, from the seed alone.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

pub(super) fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "the seed, to kill at the same moments again")]
async fn whoever_is_killed_at_whatever_moment() {
    let (kills, seed) = (number("LONGSHORE_KILLS", KILLS), number("LONGSHORE_SEED", 1));
    println!("{kills} kills of LONGSHORE_SEED={seed}");
    // The first of them gathers its uploads.
    let stand = |nth: u64| tokio::spawn(killed(seed * STANDS + nth, kills / STANDS, nth == 0));
    let stands: Vec<_> = (0..STANDS).map(stand).collect();
    let mut total = BTreeMap::<&str, u64>::new();
    for stand in stands {
        for (victim, count) in stand.await.unwrap() {
            *total.entry(victim).or_default() += count;
        }
    }
    println!("killed: {total:?}");
}

/// Kills so many times; who was killed how often.
async fn killed(seed: u64, kills: u64, gathers: bool) -> BTreeMap<&'static str, u64> {
    let dir = tempfile::tempdir().unwrap();
    // Who is killed often must not run out of attempts: its work did not fail.
    let template = Template::of_repository().with("\"attempts\": 3", "\"attempts\": 100");
    let template = template.quick_deliveries().quick_attempts();
    let template = if gathers { template.quick_gathering() } else { template };
    let objects = if gathers { "BatchObjects=10" } else { "BatchObjects=1" };
    let moment_ms_max = MOMENT_MS_MAX + if gathers { GATHERING_MS } else { 0 };
    let (path, data) = (template.write(dir.path()), dir.path().join("data"));
    // Whoever has the fence says so, and then the worker of the same task does the work.
    let script =
        r#"echo "$LONGSHORE_RUN/$LONGSHORE_ATTEMPT" >>"$DIR/worked"; exec "$PROGRAM" worker"#;
    let at = dir.path().display();
    let task =
        format!("WorkerTask=env DIR={at} PROGRAM={PROGRAM} {PROGRAM} exec -- sh -c '{script}'");
    let arguments =
        [&path, "--data", data.to_str().unwrap(), "--parameter", objects, "--task", &task];
    let mut stand = Stand::start_with(&arguments);
    let (mut chance, mut total, mut expected) = (Chance(seed), BTreeMap::new(), Vec::new());
    for nth in 0..kills {
        for upload in 0..UPLOADS {
            let id = format!("{nth}-{upload}");
            stand.upload(&format!("{id}.csv"), format!("id\n{id}\n")).await;
            expected.push(id);
        }
        tokio::time::sleep(Duration::from_millis(chance.below(moment_ms_max))).await;
        let (victim, variable) = match chance.below(4) {
            0 => ("trigger", Some(TRIGGER)),
            1 => ("observer", Some(OBSERVER)),
            2 => ("task", Some("LONGSHORE_TRIGGER=longshore-uploads")),
            _ => ("the embedded AWS", None),
        };
        let count = if let Some(variable) = variable {
            killed_of(&stand, variable)
        } else {
            stand.dev.end(Signal::KILL);
            stand = Stand::start_with(&arguments);
            1
        };
        *total.entry(victim).or_default() += count;
    }
    if gathers {
        judge_gathered(&stand, expected.len()).await;
    } else {
        let runs = stand.all_ended(expected.len()).await;
        assert!(runs.iter().all(|run| run.state() == "succeeded"), "{runs:?}");
    }
    judge(&stand, dir.path(), expected).await;
    total
}

/// Kills those processes of the stand whose environment holds `variable`; how many.
pub(super) fn killed_of(stand: &Stand, variable: &str) -> u64 {
    let of_stand = pids_with(&format!("AWS_ENDPOINT_URL={}", stand.dev.endpoint));
    let victims = pids_with(variable).into_iter().filter(|pid| of_stand.contains(pid));
    victims.map(|pid| kill(pid, Signal::KILL)).count() as u64
}

/// Several uploads are a run, and copies in other company are a run without an object.
async fn judge_gathered(stand: &Stand, uploads: usize) {
    let runs = stand
        .swept("all rows, and all ends", |runs| async {
            let have_ended = runs.iter().all(RunRow::has_ended);
            (have_ended && stand.items().await.len() >= uploads).then_some(runs)
        })
        .await;
    let is_well = |run: &RunRow| ["succeeded", "superseded"].contains(&run.state().as_str());
    assert!(runs.iter().all(is_well), "{runs:?}");
    assert!(runs.iter().any(RunRow::has_several), "uploads are gathered: {runs:?}");
}

async fn judge(stand: &Stand, dir: &Path, mut expected: Vec<String>) {
    let mut rows: Vec<_> = stand.items().await.iter().map(|item| item["id"].clone()).collect();
    rows.sort();
    expected.sort();
    assert_eq!(rows, expected, "the table is equal to the truth");
    judge_worked(stand, dir).await;
}

/// Nobody worked twice, and nothing was given up.
pub(super) async fn judge_worked(stand: &Stand, dir: &Path) {
    let worked = fs::read_to_string(dir.join("worked")).unwrap();
    let mut attempts: Vec<_> = worked.lines().collect();
    let count = attempts.len();
    attempts.sort_unstable();
    attempts.dedup();
    assert_eq!(attempts.len(), count, "at most one execution of each attempt");
    assert_eq!(stand.tasks_of_one_launch().await, 1, "one task per launch");
    assert_eq!(stand.depth("inbox-dead").await + stand.depth("failed").await, 0);
}
