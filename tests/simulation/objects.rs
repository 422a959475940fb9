//! What a task works on, and how its work ends: done, failed, or failed for some of the objects.

use longshore::{
    run::{Places, WorkResult, WorkStatus},
    trigger::{Inputs, ObjectVersion},
};
use longshore_engine::{TELL, inputs, patiently, report};

use super::{
    chance::Stream,
    life::Task,
    scenario::{BUCKET, Version},
    tasks::{
        EXIT_DONE, EXIT_FAILED, EXIT_KILLED, EXIT_NOTHING_TO_DO, EXIT_REJECT, EXIT_TRY_AGAIN, Work,
    },
};

/// How the work ends.
struct End {
    /// What is reported.
    status: Option<WorkStatus>,
    code: i32,
    /// Objects that are reported to have failed.
    failed: Places,
    /// Whether the report is about objects that the run has.
    is_true: bool,
}

impl End {
    fn new(status: Option<WorkStatus>, code: i32) -> Self {
        Self { status, code, failed: Places::default(), is_true: true }
    }
}

/// The objects of the run, by the task's variables or else by the ledger.
pub(super) async fn given(on: Work<'_, '_>, task: &Task) -> Option<Inputs> {
    if task.tick().is_some() {
        return Some(Inputs::default());
    }
    let key = task.variable("LONGSHORE_KEY").to_owned();
    if key.is_empty() {
        return inputs(on.ledger, &task.launch.id.run).await.ok().flatten();
    }
    let sequencer = Some(task.variable("LONGSHORE_SEQUENCER").to_owned());
    let (version_id, etag, size) = (None, None, None);
    let object =
        ObjectVersion { bucket: BUCKET.to_owned(), key, version_id, etag, size, sequencer };
    Some(Inputs { places: Places::default(), objects: vec![object] })
}

/// The versions among them whose places are not in `failed`.
fn versions(task: &Task, given: &Inputs, failed: &Places) -> Vec<Version> {
    if let Some(tick) = task.tick() {
        return vec![tick];
    }
    let trigger = task.variable("LONGSHORE_TRIGGER");
    let failed: Vec<usize> = failed.iter().collect();
    let mut places = given.places.iter();
    let is_left = |_: &&ObjectVersion| places.next().is_none_or(|place| !failed.contains(&place));
    given.objects.iter().filter(is_left).map(|object| Version::of(trigger, object)).collect()
}

/// All of them.
pub(super) fn all(task: &Task, given: &Inputs) -> Vec<Version> {
    versions(task, given, &Places::default())
}

/// How the work ends, by chance, unless an object decides it.
fn fate(on: Work<'_, '_>, task: &Task, given: &Inputs) -> Option<End> {
    use WorkStatus::{Done, Failed};
    let spec = on.scenario.spec(task.variable("LONGSHORE_TRIGGER"));
    if let Some(bad) = spec.and_then(|spec| spec.batch.as_ref()?.bad_key) {
        let is_bad = given.objects.iter().any(|object| object.key == bad);
        let says = on.world.one_in(Stream::Tasks, 2).then_some(Failed);
        return Some(if is_bad {
            End::new(says, EXIT_FAILED)
        } else {
            End::new(Some(Done), EXIT_DONE)
        });
    }
    Some(match on.world.below(Stream::Tasks, 16) {
        0 => End::new(Some(Failed), EXIT_TRY_AGAIN),
        1 => End::new(Some(Failed), EXIT_REJECT),
        2 => End::new(Some(Failed), EXIT_FAILED),
        3 => End::new(None, EXIT_FAILED),
        4 => End::new(None, EXIT_NOTHING_TO_DO),
        5 if task.launch.task.memory.is_none() => End::new(None, EXIT_KILLED),
        6 if task.launch.task.timeout.is_some() => return None,
        7..=9 if given.objects.len() > 1 && !on.is_foreign => some(on, given),
        _ => End::new(Some(Done), EXIT_DONE),
    })
}

/// Some of the objects fail; now and then the task names others that the run never had.
fn some(on: Work<'_, '_>, given: &Inputs) -> End {
    let is_true = !on.world.one_in(Stream::Tasks, 4);
    let own: Vec<u16> = given.places.iter().filter_map(|place| u16::try_from(place).ok()).collect();
    let failed: Places = if is_true {
        let always = on.world.below(Stream::Tasks, own.len() as u64);
        let nth = (0..).zip(&own);
        nth.filter(|(nth, _)| *nth == always || on.world.one_in(Stream::Tasks, 2))
            .map(|(_, place)| *place)
            .collect()
    } else {
        (0..).filter(|place| !own.contains(place)).take(1).collect()
    };
    let codes = [EXIT_DONE, EXIT_TRY_AGAIN, EXIT_TRY_AGAIN, EXIT_REJECT];
    let nth = on.world.below(Stream::Tasks, codes.len() as u64);
    let code = codes[usize::try_from(nth).unwrap_or(0)];
    End { status: Some(WorkStatus::Failed), code, failed, is_true }
}

/// What a task says of its work.
pub(super) struct Said {
    /// What it reports.
    pub(super) result: Option<WorkResult>,
    pub(super) code: i32,
    /// Whether it names the objects that failed.
    pub(super) are_named: bool,
}

/// How the work of task `number` ends, unless it hangs.
pub(super) fn said(on: Work<'_, '_>, number: usize, task: &Task, given: &Inputs) -> Option<Said> {
    let End { status, code, failed, is_true } = fate(on, task, given)?;
    let are_named = !failed.is_empty();
    if status == Some(WorkStatus::Done) || (are_named && is_true) {
        let task = &mut on.ecs.state().tasks[number];
        task.done = versions(task, given, &failed);
        task.names_failed = are_named;
    }
    let status = status.filter(|_| !on.is_foreign);
    // Its report may be taken though its answer is never heard.
    on.ecs.state().tasks[number].says_it_failed = status == Some(WorkStatus::Failed);
    let result = status.map(|status| WorkResult { failed, ..WorkResult::new(status, "") });
    Some(Said { result, code, are_named })
}

/// Ends the work of task `number`; the exit code.
pub(super) async fn end(on: Work<'_, '_>, number: usize, task: &Task, given: &Inputs) -> i32 {
    let Some(Said { result, code, are_named }) = said(on, number, task, given) else {
        on.world.note(|| format!("  task {number} hangs"));
        return std::future::pending().await;
    };
    let Some(result) = result else { return code };
    let said = format!("{:?} {}", result.status, result.failed);
    let tell = || report(on.ledger, on.world, &task.launch.id.run, &task.arn, result.clone());
    let reported = patiently(on.world, TELL, tell).await;
    on.world.note(|| format!("  task {number} reports {said}: {reported:?}"));
    if matches!(reported, Ok(true)) {
        let task = &mut on.ecs.state().tasks[number];
        task.is_heard = true;
        task.is_believed = result.status == WorkStatus::Done;
    } else if are_named && code == EXIT_DONE {
        // Nobody heard that some failed.
        return EXIT_TRY_AGAIN;
    }
    code
}
