//! The worker's command line.

use std::ffi::{OsStr, OsString};

/// What the worker is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// The object of a run becomes items of a table.
    Ingest,
    /// This command, which has a program, does the work of the run.
    Exec(Vec<OsString>),
}

/// The command line says something else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown arguments `{0}`; give none, or `exec -- program argument…`")]
pub struct Unknown(String);

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
            words => Err(Unknown(words.join(OsStr::new(" ")).to_string_lossy().into_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_ingests_or_runs_a_command() {
        let read = |words: &[&str]| Arguments::read(words.iter().map(OsString::from));
        assert_eq!(read(&[]), Ok(Arguments::Ingest));
        let command = ["sh", "-c", "--", "exit 3"].map(OsString::from).to_vec();
        assert_eq!(read(&["exec", "--", "sh", "-c", "--", "exit 3"]), Ok(Arguments::Exec(command)));
        for wrong in [&["exec"][..], &["exec", "--"], &["exec", "sh"], &["--", "sh"], &["sh"]] {
            assert!(read(wrong).unwrap_err().to_string().contains("exec -- program"), "{wrong:?}");
        }
    }
}
