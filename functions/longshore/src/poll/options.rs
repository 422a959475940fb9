//! The words of `worker poll …` and the variables of its container ─▶ which queue, and how.

use crate::config::{ConfigError, Variables};

/// Most messages at once: each has a connection or a process of its own.
const SLOTS_MAX: u32 = 1_000;
/// Tries of work that fails, the first included.
const TRIES: u32 = 5;
/// Most tries.
const TRIES_MAX: u32 = 100;

/// What may be said.
const USAGE: &str = "[--queue URL] [--slots N] [--tries N]";

/// How a queue is to be worked off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollOptions {
    /// URL of the queue.
    pub queue: String,
    /// Messages that are worked on at once.
    pub slots: usize,
    /// Tries of work that fails, before its message is set aside.
    pub tries: u32,
}

/// The words or variables do not say how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PollOptionsError {
    /// A word that means nothing.
    #[error("`{0}` is unknown; write {USAGE}")]
    Unknown(String),
    /// An option at the end.
    #[error("{0} says nothing; write a value behind it")]
    NoValue(&'static str),
    /// An option that only one value can have.
    #[error("{0} is there twice; write it once")]
    Twice(&'static str),
    /// No number.
    #[error("{name} is `{value}`; write a number from 1 to {max}")]
    Number {
        /// Which option or variable.
        name: &'static str,
        /// What it says.
        value: String,
        /// Largest number.
        max: u32,
    },
    /// No queue.
    #[error(
        "no queue; give its URL, like https://sqs.eu-west-1.amazonaws.com/123456789012/work, with \
         --queue or in the variable LONGSHORE_QUEUE"
    )]
    NoQueue,
    /// A queue that is not named by its URL.
    #[error(
        "`{0}` is no URL of a queue; write it like \
         https://sqs.eu-west-1.amazonaws.com/123456789012/work"
    )]
    NoUrl(String),
    /// A variable makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// What was said of each option.
#[derive(Default)]
struct Said {
    queue: Option<String>,
    slots: Option<String>,
    tries: Option<String>,
}

impl PollOptions {
    /// Reads `--name value` and `--name=value`, in any order; what they leave open the variables
    /// LONGSHORE_QUEUE, LONGSHORE_SLOTS and LONGSHORE_TRIES say. Without a word there are `slots`.
    pub fn read(
        words: impl IntoIterator<Item = String>,
        variables: &Variables,
        slots: usize,
    ) -> Result<Self, PollOptionsError> {
        let said = Said::read(words.into_iter())?;
        let variable = |name: &str| variables.optional(name).map(str::to_owned);
        let queue = said.queue.or_else(|| variable("LONGSHORE_QUEUE"));
        let queue = url(queue.ok_or(PollOptionsError::NoQueue)?)?;
        let number = |option, said: Option<String>, name, max| match (said, variable(name)) {
            (Some(value), _) => number(option, value, max).map(Some),
            (None, Some(value)) => number(name, value, max).map(Some),
            (None, None) => Ok(None),
        };
        let said_slots = number("--slots", said.slots, "LONGSHORE_SLOTS", SLOTS_MAX)?;
        let slots = said_slots.and_then(|slots| usize::try_from(slots).ok()).unwrap_or(slots);
        let tries = number("--tries", said.tries, "LONGSHORE_TRIES", TRIES_MAX)?.unwrap_or(TRIES);
        Ok(Self { queue, slots, tries })
    }

    /// Whether the queue keeps the order of each group.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        let name = crate::fleet::queue_name(&self.queue);
        name.rsplit_once('.').is_some_and(|(_, suffix)| suffix == "fifo")
    }
}

impl Said {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, PollOptionsError> {
        let mut said = Self::default();
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let (option, place) = match name {
                "--queue" => ("--queue", &mut said.queue),
                "--slots" => ("--slots", &mut said.slots),
                "--tries" => ("--tries", &mut said.tries),
                _ => return Err(PollOptionsError::Unknown(word)),
            };
            let value = value.or_else(|| words.next());
            let value = value.filter(|value| !value.is_empty() && !value.starts_with("--"));
            let value = value.ok_or(PollOptionsError::NoValue(option))?;
            if place.replace(value).is_some() {
                return Err(PollOptionsError::Twice(option));
            }
        }
        Ok(said)
    }
}

fn number(name: &'static str, value: String, max: u32) -> Result<u32, PollOptionsError> {
    let number = value.parse().ok().filter(|number| (1..=max).contains(number));
    number.ok_or(PollOptionsError::Number { name, value, max })
}

fn url(url: String) -> Result<String, PollOptionsError> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let has_name = rest.and_then(|rest| rest.split_once('/'));
    let is_url = has_name.is_some_and(|(host, name)| !host.is_empty() && !name.is_empty());
    if is_url { Ok(url) } else { Err(PollOptionsError::NoUrl(url)) }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const URL: &str = "http://127.0.0.1:4566/000000000000/work";

    fn check(words: &[&str], variables: &[(&str, &str)], expected: &Expect) {
        let owned = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let words = words.iter().map(|word| (*word).to_owned());
        let said = match PollOptions::read(words, &owned.collect(), 10) {
            Ok(PollOptions { queue, slots, tries }) => format!("{queue} {slots} {tries}"),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&said.replace(URL, "URL"));
    }

    #[test]
    fn words_come_before_variables() {
        check(&["--queue", URL], &[], &expect!["URL 10 5"]);
        let variables =
            [("LONGSHORE_QUEUE", URL), ("LONGSHORE_SLOTS", "3"), ("LONGSHORE_TRIES", "7")];
        check(&[], &variables, &expect!["URL 3 7"]);
        check(&["--slots=1000", "--tries", "1"], &variables, &expect!["URL 1000 1"]);
    }

    #[test]
    fn what_makes_no_sense_is_told_what_to_write() {
        check(
            &[],
            &[],
            &expect![
                "no queue; give its URL, like https://sqs.eu-west-1.amazonaws.com/123456789012/work, with --queue or in the variable LONGSHORE_QUEUE"
            ],
        );
        check(
            &["--queue", "work"],
            &[],
            &expect![
                "`work` is no URL of a queue; write it like https://sqs.eu-west-1.amazonaws.com/123456789012/work"
            ],
        );
        check(
            &["--queue", "--slots"],
            &[],
            &expect!["--queue says nothing; write a value behind it"],
        );
        check(
            &["--queue", URL, "--slots", "0"],
            &[],
            &expect!["--slots is `0`; write a number from 1 to 1000"],
        );
        check(&["--slots=9", "--slots=9"], &[], &expect!["--slots is there twice; write it once"]);
        check(
            &["--queue", URL],
            &[("LONGSHORE_SLOTS", "1001")],
            &expect!["LONGSHORE_SLOTS is `1001`; write a number from 1 to 1000"],
        );
        check(
            &["--queue", URL, "--tries", "-1"],
            &[],
            &expect!["--tries is `-1`; write a number from 1 to 100"],
        );
        check(
            &["work"],
            &[],
            &expect!["`work` is unknown; write [--queue URL] [--slots N] [--tries N]"],
        );
    }
}
