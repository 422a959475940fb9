//! The commands that are longshore's own functions and worker: this binary, by logical id.

use std::collections::BTreeMap;

use super::super::args::DevArgs;
use longshore_local::Commands;

/// Logical ids of our template, and the subcommands that they are.
const OWN: [(&str, &str); 5] = [
    ("TriggerFunction", "trigger"),
    ("ObserverFunction", "observer"),
    ("ScalerFunction", "scaler"),
    ("PollTask", "worker"),
    ("WorkerTask", "worker"),
];

/// Why a command cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// This binary does not know where it is.
    #[error("cannot find this program's own file: {0}")]
    Own(#[from] std::io::Error),
    /// A command was given that has no words.
    #[error("the command of `{0}` is empty; write it like --task {0}='program argument'")]
    Empty(String),
    /// A quote was opened and not closed.
    #[error("the command of `{0}` has an open quote")]
    OpenQuote(String),
}

pub(super) fn commands(args: &DevArgs) -> Result<Commands, CommandError> {
    let program = std::env::current_exe()?.to_string_lossy().into_owned();
    let own = |(id, subcommand): (&str, &str)| {
        (id.to_owned(), vec![program.clone(), subcommand.to_owned()])
    };
    let mut given = BTreeMap::new();
    for (id, command) in args.functions.iter().chain(&args.tasks) {
        given.insert(id.clone(), words(id, command)?);
    }
    Ok(Commands { given, fallback: OWN.into_iter().map(own).collect() })
}

/// Splits at spaces outside quotes; nothing else of a shell applies.
fn words(id: &str, command: &str) -> Result<Vec<String>, CommandError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in command.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(CommandError::OpenQuote(id.to_owned()));
    }
    words.extend(word);
    if words.is_empty() { Err(CommandError::Empty(id.to_owned())) } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn commands_are_split_as_people_expect() {
        let split = |command| words("T", command).map_err(|error| error.to_string());
        assert_eq!(split("a  b c"), Ok(vec!["a".into(), "b".into(), "c".into()]));
        assert_eq!(split("sh -c 'exit 7'"), Ok(vec!["sh".into(), "-c".into(), "exit 7".into()]));
        assert_eq!(split("a \"\" b"), Ok(vec!["a".into(), String::new(), "b".into()]));
        assert!(split("a 'b").is_err_and(|error| error.contains("open quote")));
        assert!(split("  ").is_err_and(|error| error.contains("is empty")));
    }
}
