//! Why an input transformer is refused.

use super::{PATHS_MAX, TEMPLATE_CHARS_MAX};

/// What is wrong with an input transformer; `PutTargets` answers `ValidationException`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransformerError {
    /// The template is empty or too long.
    #[error(
        "the input template has {chars} characters, EventBridge takes 1 to {TEMPLATE_CHARS_MAX}"
    )]
    TemplateLength {
        /// Its length.
        chars: usize,
    },
    /// There are too many variables.
    #[error("there are {paths} input paths, EventBridge takes at most {PATHS_MAX}")]
    TooManyPaths {
        /// How many there are.
        paths: usize,
    },
    /// A variable is named as none can be.
    #[error(
        "`{name}` cannot name an input path: 1 to 256 of the characters A-Z a-z 0-9 _ -, not \
         beginning with `AWS`"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// A variable's path is not one.
    #[error("the input path `{path}` of `{name}` cannot be read: {problem}")]
    Path {
        /// The variable.
        name: String,
        /// Its path.
        path: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The template names a variable that nobody defined.
    #[error(
        "the input template uses `<{name}>`, which is no input path and no variable of \
         EventBridge; define it, or write no `<` (it cannot be escaped)"
    )]
    UnknownVariable {
        /// What stands between the brackets.
        name: String,
    },
    /// A `<` has no name and `>` after it.
    #[error(
        "`<` at character {at} of the input template begins no variable, and cannot be escaped"
    )]
    LoneBracket {
        /// Its place, from 1.
        at: usize,
    },
    /// A variable stands in a name of an object.
    #[error("`<{name}>` is in a key of the input template; a variable can only be in a value")]
    VariableInKey {
        /// The variable.
        name: String,
    },
    /// The template looks like JSON but is not.
    #[error("the input template is not JSON: {problem}")]
    NotJson {
        /// What the reader of JSON says.
        problem: String,
    },
}
