//! The worker's command line.

use std::ffi::{OsStr, OsString};

use longshore::batch::{Options, OptionsError};

/// What the worker is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// The object of a run becomes items of a table.
    Ingest,
    /// The objects of a tick become items of a table.
    Batch(Box<Options>),
    /// The messages of a queue, as these words say, become items of a table.
    Poll(Vec<String>),
    /// This command, which has a program, does the work of the run.
    Exec(Vec<OsString>),
    /// The command does the work of each message of a queue, as the words say.
    ExecPoll(Vec<String>, Vec<OsString>),
}

/// The command line says something else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// Other words.
    #[error(
        "unknown arguments `{0}`; give none, `batch --source s3://bucket/prefix/`, \
         `poll --queue URL`, `exec -- program argument…`, or `exec --poll -- program argument…`"
    )]
    Words(String),
    /// Words behind `batch` that say nothing.
    #[error("batch: {0}")]
    Batch(#[from] OptionsError),
}

impl Arguments {
    /// Reads what follows the program's own name.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Unknown> {
        let words: Vec<OsString> = arguments.into_iter().collect();
        match words.as_slice() {
            [] => Ok(Self::Ingest),
            [exec, dashes, command @ ..]
                if exec == "exec" && dashes == "--" && !command.is_empty() =>
            {
                Ok(Self::Exec(command.to_vec()))
            }
            [exec, poll, rest @ ..] if exec == "exec" && poll == "--poll" => {
                match rest.iter().position(|word| word == "--") {
                    Some(dashes) if dashes + 1 < rest.len() => {
                        Ok(Self::ExecPoll(text(&rest[..dashes]), rest[dashes + 1..].to_vec()))
                    }
                    _ => Err(Unknown::of(&words)),
                }
            }
            [batch, options @ ..] if batch == "batch" => {
                Ok(Self::Batch(Box::new(Options::parse(text(options))?)))
            }
            [poll, options @ ..] if poll == "poll" => Ok(Self::Poll(text(options))),
            words => Err(Unknown::of(words)),
        }
    }
}

/// What is no UTF-8 is no option, and told as well as it can be.
fn text(words: &[OsString]) -> Vec<String> {
    words.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

impl Unknown {
    fn of(words: &[OsString]) -> Self {
        Self::Words(words.join(OsStr::new(" ")).to_string_lossy().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_ingests_works_off_a_tick_or_runs_a_command() {
        let read = |words: &[&str]| Arguments::read(words.iter().map(OsString::from));
        assert_eq!(read(&[]), Ok(Arguments::Ingest));
        let command = ["sh", "-c", "--", "exit 3"].map(OsString::from).to_vec();
        assert_eq!(read(&["exec", "--", "sh", "-c", "--", "exit 3"]), Ok(Arguments::Exec(command)));
        for wrong in [&["exec"][..], &["exec", "--"], &["exec", "sh"], &["--", "sh"], &["sh"]] {
            assert!(read(wrong).unwrap_err().to_string().contains("exec -- program"), "{wrong:?}");
        }
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(read(&["poll", "--slots", "3"]), Ok(Arguments::Poll(words(&["--slots", "3"]))));
        let command = ["sh", "--", "x"].map(OsString::from).to_vec();
        let polled = Arguments::ExecPoll(words(&["--slots=2"]), command);
        assert_eq!(read(&["exec", "--poll", "--slots=2", "--", "sh", "--", "x"]), Ok(polled));
        for wrong in [&["exec", "--poll"][..], &["exec", "--poll", "--"], &["exec", "--poll", "sh"]]
        {
            assert!(read(wrong).unwrap_err().to_string().contains("exec --poll -- "), "{wrong:?}");
        }
        let batch = read(&["batch", "--source", "s3://data/in/"]).unwrap();
        assert!(matches!(batch, Arguments::Batch(options) if options.choice.prefix == "in/"));
        let wrong = read(&["batch", "--source", "s3://data"]).unwrap_err().to_string();
        assert!(wrong.starts_with("batch: --source: s3://data says no prefix"), "{wrong}");
    }
}
