//! What the variables of the container ask of `exec`.

use std::{path::PathBuf, time::Duration};

use longshore::{
    config::{ConfigError, Variables},
    run::LaunchId,
};

use crate::settings::launch;

/// How long a command has to end after SIGTERM. ECS's default `stopTimeout` is 30 s, after which it
/// kills the container; the rest is for the report.
const STOP_TIMEOUT_SECS: u32 = 25;

/// Everything that `exec` is told.
#[derive(Debug)]
pub(super) struct Settings {
    /// Table of runs.
    pub(super) ledger: String,
    /// The launch that started this task.
    pub(super) launch: LaunchId,
    /// Whether only the newest version of an object counts.
    pub(super) newest_only: bool,
    /// Where the command's files go.
    pub(super) input_dir: PathBuf,
    /// How long the command may take.
    pub(super) limits: Limits,
}

/// How long a command may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// For its work, in seconds; for ever without it.
    pub(crate) timeout_secs: Option<u32>,
    /// To end, once it was asked to.
    pub(crate) stop: Duration,
}

/// The variables do not name a launch.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0}. `exec` is the entrypoint of a task that a trigger launches: the launch sets \
     LONGSHORE_RUN, LONGSHORE_ATTEMPT and LONGSHORE_LAUNCH; the task definition sets \
     LONGSHORE_LEDGER to the name of the ledger's table"
)]
pub(super) struct NoLaunch(#[from] ConfigError);

impl Settings {
    pub(super) fn read(variables: &Variables) -> Result<Self, NoLaunch> {
        variables.required("LONGSHORE_ATTEMPT")?;
        variables.required("LONGSHORE_LAUNCH")?;
        Ok(Self {
            ledger: variables.required("LONGSHORE_LEDGER")?.into(),
            launch: launch(variables)?,
            newest_only: variables.optional("LONGSHORE_ORDER") == Some("latest"),
            input_dir: input_dir(variables),
            limits: Limits::read(variables)?,
        })
    }
}

impl Limits {
    pub(crate) fn read(variables: &Variables) -> Result<Self, ConfigError> {
        let timeout = variables.optional("LONGSHORE_TIMEOUT");
        let timeout = timeout.map(|_| secs(variables, "LONGSHORE_TIMEOUT", 0)).transpose()?;
        let stop = Duration::from_secs(stop_secs(variables)?.into());
        Ok(Self { timeout_secs: timeout, stop })
    }
}

/// Where a command's files go.
pub(crate) fn input_dir(variables: &Variables) -> PathBuf {
    let dir = variables.optional("LONGSHORE_INPUT_DIR").or_else(|| variables.optional("TMPDIR"));
    dir.unwrap_or("/tmp").into()
}

/// How long there is from SIGTERM to the end, in seconds.
pub(crate) fn stop_secs(variables: &Variables) -> Result<u32, ConfigError> {
    secs(variables, "LONGSHORE_STOP_TIMEOUT", STOP_TIMEOUT_SECS)
}

fn secs(variables: &Variables, name: &'static str, default: u32) -> Result<u32, ConfigError> {
    let expected = "a whole number of seconds, from 1";
    let unusable = || ConfigError::Unusable {
        name,
        value: variables.optional(name).unwrap_or_default().into(),
        expected,
    };
    let secs = variables.number(name, default).map_err(|_| unusable())?;
    if secs == 0 { Err(unusable()) } else { Ok(secs) }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const LAUNCHED: [(&str, &str); 4] = [
        ("LONGSHORE_RUN", "aaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("LONGSHORE_ATTEMPT", "2"),
        ("LONGSHORE_LAUNCH", "3"),
        ("LONGSHORE_LEDGER", "ledger"),
    ];

    fn read(changes: &[(&str, &str)]) -> Result<Settings, NoLaunch> {
        let mut variables = std::collections::BTreeMap::from(LAUNCHED);
        variables.extend(changes.iter().copied());
        let owned = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Settings::read(&owned.collect())
    }

    #[expect(clippy::needless_pass_by_value, reason = "expectations are written in place")]
    fn check(changes: &[(&str, &str)], expected: Expect) {
        let said = match read(changes) {
            Ok(Settings { launch, newest_only, input_dir, limits, .. }) => {
                format!("{launch} {newest_only} {} {limits:?}", input_dir.display())
            }
            Err(NoLaunch(error)) => error.to_string(),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn the_variables_say_what_to_do_and_how_long() {
        check(
            &[],
            expect![
                "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/2/3 false /tmp Limits { timeout_secs: None, stop: 25s }"
            ],
        );
        check(
            &[
                ("LONGSHORE_ORDER", "latest"),
                ("TMPDIR", "/t"),
                ("LONGSHORE_TIMEOUT", "1800"),
                ("LONGSHORE_STOP_TIMEOUT", "100"),
            ],
            expect![
                "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/2/3 true /t Limits { timeout_secs: Some(1800), stop: 100s }"
            ],
        );
        check(
            &[("TMPDIR", "/t"), ("LONGSHORE_INPUT_DIR", "/in")],
            expect![
                "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/2/3 false /in Limits { timeout_secs: None, stop: 25s }"
            ],
        );
        check(
            &[("LONGSHORE_TIMEOUT", "0")],
            expect![
                "variable LONGSHORE_TIMEOUT is `0`, expected a whole number of seconds, from 1"
            ],
        );
        check(
            &[("LONGSHORE_TIMEOUT", "30m")],
            expect![
                "variable LONGSHORE_TIMEOUT is `30m`, expected a whole number of seconds, from 1"
            ],
        );
        check(
            &[("LONGSHORE_STOP_TIMEOUT", "0")],
            expect![
                "variable LONGSHORE_STOP_TIMEOUT is `0`, expected a whole number of seconds, from 1"
            ],
        );
    }

    #[test]
    fn outside_of_a_launch_it_says_what_is_missing_and_who_sets_it() {
        for (name, _) in LAUNCHED {
            let error = read(&[(name, "")]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("variable {name} is not set")), "{error}");
            assert!(error.contains("a trigger launches"), "{error}");
        }
    }
}
