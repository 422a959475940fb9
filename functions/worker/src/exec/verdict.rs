//! A command's end ─▶ what is reported, and the exit code.

use longshore::{
    run::{Places, ResultFile, WorkStatus},
    trigger::Inputs,
};
use serde_json::Value;

use super::{course::Cause, group::End};
use crate::{EXIT_DONE, EXIT_NOTHING_TO_DO, EXIT_REJECT, EXIT_TRY_AGAIN};

/// What a shell adds to the number of the signal that ended a process.
const SIGNAL_BASE: u8 = 128;
/// Exit code of timeout(1) for a command that took too long.
const EXIT_TIMED_OUT: u8 = 124;
const SIGKILL: u8 = 9;
/// Exit codes that mean something to longshore, so that nobody leaves with them by chance.
const CHOSEN: [u8; 4] = [EXIT_DONE, EXIT_REJECT, EXIT_NOTHING_TO_DO, EXIT_TRY_AGAIN];

/// Failed objects that the reason names; the run's row and its message hold it.
const NAMED_MAX: usize = 3;

/// What an end means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// What is reported; nothing when ECS or another task knows better.
    pub(crate) status: Option<WorkStatus>,
    /// Why, in words.
    pub(crate) reason: String,
    /// Figures of the work.
    pub(crate) summary: Value,
    /// Those of the run's objects that failed.
    pub(crate) failed: Places,
    /// The exit code that says the same to whoever cannot read the ledger.
    pub(crate) code: u8,
}

impl Verdict {
    /// The work is not done.
    pub(crate) fn failed(reason: String, code: u8) -> Self {
        Self { status: Some(WorkStatus::Failed), reason, code, ..Self::default() }
    }
}

/// Judges the end of `program`, which said `file` about it.
///
/// A command that was told to stop and leaves with 0 may have finished or may have left politely.
/// Nothing is reported then, so that the reason of the stop decides: a run whose Spot capacity was
/// taken is tried again, and no half-done work counts as done.
///
/// That only some objects failed is believed of a command that left by itself and with an exit code
/// that it chose: one that crashed may not have come to the others.
pub(crate) fn verdict(
    program: &str,
    end: End,
    cause: Cause,
    inputs: &Inputs,
    file: &ResultFile,
) -> Verdict {
    let code = code(end);
    let chose = cause == Cause::Itself && CHOSEN.contains(&code);
    let failed = if chose { inputs.places_of(&file.failed) } else { Places::default() };
    let said = |otherwise: String| {
        if file.reason.is_empty() { otherwise } else { file.reason.clone() }
    };
    let (status, reason, code) = match (cause, code) {
        (Cause::FenceLost, _) => {
            (None, "the run is no longer this task's".to_owned(), EXIT_TRY_AGAIN)
        }
        (Cause::TimedOut(secs), _) => {
            (Some(WorkStatus::Failed), format!("ran longer than {secs} s"), EXIT_TIMED_OUT)
        }
        (Cause::Stopped(signal), EXIT_DONE | EXIT_NOTHING_TO_DO) => {
            (None, format!("`{program}` left after {signal} with exit code {code}"), code)
        }
        (Cause::Itself, EXIT_DONE | EXIT_NOTHING_TO_DO) if !file.failed.is_empty() => {
            let (failed, of) = (file.failed.len(), inputs.objects.len().max(1));
            let named = file.failed.iter().take(NAMED_MAX).map(|object| object.key.as_str());
            let named = named.collect::<Vec<_>>().join("`, `");
            let more = if failed > NAMED_MAX { ", …" } else { "" };
            let reason = said(format!("{failed} of {of} objects failed: `{named}`{more}"));
            (Some(WorkStatus::Failed), reason, EXIT_TRY_AGAIN)
        }
        (Cause::Itself, EXIT_DONE) => (Some(WorkStatus::Done), said(String::new()), code),
        (Cause::Itself, EXIT_NOTHING_TO_DO) => {
            (Some(WorkStatus::Done), said("there was nothing to do".into()), code)
        }
        (cause, _) => (Some(WorkStatus::Failed), said(failure(program, end, cause)), code),
    };
    Verdict { status, reason, summary: file.summary.clone(), failed, code }
}

fn code(end: End) -> u8 {
    match end {
        End::Exited(code) => code,
        End::Killed(signal) => SIGNAL_BASE.saturating_add(signal),
    }
}

fn failure(program: &str, end: End, cause: Cause) -> String {
    match (cause, end) {
        (Cause::Stopped(asked), End::Killed(SIGKILL)) => {
            format!("`{program}` did not end in time after {asked} and was killed")
        }
        (Cause::Stopped(asked), End::Exited(code)) => {
            format!("`{program}` left after {asked} with exit code {code}")
        }
        (_, End::Exited(code)) => format!("`{program}` exited with code {code}"),
        (_, End::Killed(signal)) => format!("`{program}` was ended by signal {signal}"),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use longshore::{run::FailedObject, trigger::ObjectVersion};
    use serde_json::json;

    use super::*;

    /// Three objects, in the places 4, 5 and 6 of a list.
    fn inputs() -> Inputs {
        let object = |key: &str| ObjectVersion {
            bucket: "b".into(),
            key: key.into(),
            version_id: None,
            etag: None,
            size: None,
            sequencer: None,
        };
        Inputs {
            places: [4, 5, 6].into_iter().collect(),
            objects: ["k", "l", "m"].map(object).into(),
        }
    }

    fn row(end: End, cause: Cause, file: &ResultFile) -> String {
        let Verdict { status, reason, summary, failed, code } =
            verdict("app", end, cause, &inputs(), file);
        let status = status.map_or("-".into(), |status| format!("{status:?}"));
        let failed = if failed.is_empty() { String::new() } else { format!(" failed {failed}") };
        format!("{end:?} {cause:?} ─▶ {status} {code} {reason:?} {summary}{failed}\n")
    }

    #[test]
    fn the_table_of_exit_codes() {
        use Cause::{FenceLost, Itself, Stopped, TimedOut};
        use End::{Exited, Killed};
        let rows = [
            (Exited(0), Itself),
            (Exited(1), Itself),
            (Exited(3), Itself),
            (Exited(4), Itself),
            (Exited(75), Itself),
            (Exited(255), Itself),
            (Killed(9), Itself),
            (Killed(11), Itself),
            (Killed(15), Itself),
            (Exited(0), Stopped("SIGTERM")),
            (Exited(3), Stopped("SIGTERM")),
            (Exited(4), Stopped("SIGTERM")),
            (Exited(75), Stopped("SIGTERM")),
            (Exited(143), Stopped("SIGTERM")),
            (Killed(2), Stopped("SIGINT")),
            (Killed(9), Stopped("SIGTERM")),
            (Exited(0), TimedOut(60)),
            (Exited(3), TimedOut(60)),
            (Killed(9), TimedOut(60)),
            (Exited(0), FenceLost),
            (Killed(9), FenceLost),
        ];
        let table: String =
            rows.into_iter().map(|(end, cause)| row(end, cause, &ResultFile::default())).collect();
        expect![[r#"
            Exited(0) Itself ─▶ Done 0 "" null
            Exited(1) Itself ─▶ Failed 1 "`app` exited with code 1" null
            Exited(3) Itself ─▶ Failed 3 "`app` exited with code 3" null
            Exited(4) Itself ─▶ Done 4 "there was nothing to do" null
            Exited(75) Itself ─▶ Failed 75 "`app` exited with code 75" null
            Exited(255) Itself ─▶ Failed 255 "`app` exited with code 255" null
            Killed(9) Itself ─▶ Failed 137 "`app` was ended by signal 9" null
            Killed(11) Itself ─▶ Failed 139 "`app` was ended by signal 11" null
            Killed(15) Itself ─▶ Failed 143 "`app` was ended by signal 15" null
            Exited(0) Stopped("SIGTERM") ─▶ - 0 "`app` left after SIGTERM with exit code 0" null
            Exited(3) Stopped("SIGTERM") ─▶ Failed 3 "`app` left after SIGTERM with exit code 3" null
            Exited(4) Stopped("SIGTERM") ─▶ - 4 "`app` left after SIGTERM with exit code 4" null
            Exited(75) Stopped("SIGTERM") ─▶ Failed 75 "`app` left after SIGTERM with exit code 75" null
            Exited(143) Stopped("SIGTERM") ─▶ Failed 143 "`app` left after SIGTERM with exit code 143" null
            Killed(2) Stopped("SIGINT") ─▶ Failed 130 "`app` was ended by signal 2" null
            Killed(9) Stopped("SIGTERM") ─▶ Failed 137 "`app` did not end in time after SIGTERM and was killed" null
            Exited(0) TimedOut(60) ─▶ Failed 124 "ran longer than 60 s" null
            Exited(3) TimedOut(60) ─▶ Failed 124 "ran longer than 60 s" null
            Killed(9) TimedOut(60) ─▶ Failed 124 "ran longer than 60 s" null
            Exited(0) FenceLost ─▶ - 75 "the run is no longer this task's" null
            Killed(9) FenceLost ─▶ - 75 "the run is no longer this task's" null
        "#]].assert_eq(&table);
    }

    #[test]
    fn what_the_command_says_of_itself_is_reported() {
        let file = ResultFile {
            reason: "2 of 3 are bad".into(),
            summary: json!({"bad": 2}),
            ..ResultFile::default()
        };
        let rows = [
            (End::Exited(0), Cause::Itself),
            (End::Exited(4), Cause::Itself),
            (End::Exited(3), Cause::Itself),
            (End::Killed(9), Cause::Stopped("SIGTERM")),
            (End::Exited(0), Cause::TimedOut(60)),
        ];
        let table: String = rows.into_iter().map(|(end, cause)| row(end, cause, &file)).collect();
        expect![[r#"
            Exited(0) Itself ─▶ Done 0 "2 of 3 are bad" {"bad":2}
            Exited(4) Itself ─▶ Done 4 "2 of 3 are bad" {"bad":2}
            Exited(3) Itself ─▶ Failed 3 "2 of 3 are bad" {"bad":2}
            Killed(9) Stopped("SIGTERM") ─▶ Failed 137 "2 of 3 are bad" {"bad":2}
            Exited(0) TimedOut(60) ─▶ Failed 124 "ran longer than 60 s" {"bad":2}
        "#]]
        .assert_eq(&table);
    }

    #[test]
    fn some_objects_failed_only_if_the_command_chose_to_say_so() {
        let named =
            |key: &str| FailedObject { bucket: "b".into(), key: key.into(), version_id: None };
        let file = ResultFile { failed: vec![named("l"), named("m")], ..ResultFile::default() };
        let rows = [
            (End::Exited(0), Cause::Itself),
            (End::Exited(4), Cause::Itself),
            (End::Exited(3), Cause::Itself),
            (End::Exited(75), Cause::Itself),
            (End::Exited(1), Cause::Itself),
            (End::Killed(9), Cause::Itself),
            (End::Exited(75), Cause::Stopped("SIGTERM")),
            (End::Exited(0), Cause::TimedOut(60)),
        ];
        let table: String = rows.into_iter().map(|(end, cause)| row(end, cause, &file)).collect();
        expect![[r#"
            Exited(0) Itself ─▶ Failed 75 "2 of 3 objects failed: `l`, `m`" null failed 5-6
            Exited(4) Itself ─▶ Failed 75 "2 of 3 objects failed: `l`, `m`" null failed 5-6
            Exited(3) Itself ─▶ Failed 3 "`app` exited with code 3" null failed 5-6
            Exited(75) Itself ─▶ Failed 75 "`app` exited with code 75" null failed 5-6
            Exited(1) Itself ─▶ Failed 1 "`app` exited with code 1" null
            Killed(9) Itself ─▶ Failed 137 "`app` was ended by signal 9" null
            Exited(75) Stopped("SIGTERM") ─▶ Failed 75 "`app` left after SIGTERM with exit code 75" null
            Exited(0) TimedOut(60) ─▶ Failed 124 "ran longer than 60 s" null
        "#]].assert_eq(&table);
    }
}
