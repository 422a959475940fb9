//! The errors of AWS's JSON services.

use serde_json::{Map, Value};

/// A refusal as an AWS client reads it: status, code, sentence, and fields of the error's shape.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    /// HTTP status; 400 is the client's fault, 500 ours.
    pub status: u16,
    /// The code as SDKs match it, such as `InvalidParameterException`.
    pub code: String,
    /// What is wrong, in words.
    pub message: String,
    /// Further members of the error, such as `resourceIds`.
    pub fields: Map<String, Value>,
}

impl Fault {
    /// The caller's fault (400).
    pub fn client(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.into(), message: message.into(), fields: Map::new() }
    }

    /// Our fault (500): the caller may try again.
    pub fn server(message: impl Into<String>) -> Self {
        Self {
            status: 500,
            code: "InternalFailure".into(),
            message: message.into(),
            fields: Map::new(),
        }
    }

    /// An action of `service` that is not served here: the error names it, as AWS's does.
    #[must_use]
    pub fn unknown_operation(service: &str, operation: &str) -> Self {
        let message = format!("{service} action `{operation}` is not served by the embedded AWS");
        Self::client("UnknownOperationException", message)
    }

    /// Adds a member to the error's shape.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.fields.insert(name.into(), value);
        self
    }
}

impl From<crate::StoreError> for Fault {
    fn from(error: crate::StoreError) -> Self {
        Self::server(error.to_string())
    }
}
