//! The gateway's hook: every call of every service passes here first.

use std::fmt::Debug;

use crate::Fault;

/// One call as the gateway sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// Signing name of the service: `s3`, `sqs`, `dynamodb`, `ecs`, `events`, `lambda`, `sts`.
    pub service: &'a str,
    /// The action, such as `RunTask`; of S3 the HTTP method.
    pub operation: &'a str,
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is served.
    Serve,
    /// It is refused before anything has happened.
    Refuse(Fault),
    /// It takes effect, but the caller gets this instead of the answer.
    ServeThenFail(Fault),
    /// The connection is closed before anything has happened.
    HangUp,
    /// It takes effect, and the connection is closed without an answer.
    ServeThenHangUp,
}

/// Decides about calls; must be quick, and must not call back.
pub trait Gate: Debug + Send + Sync {
    /// Called once per request, before its body is read.
    fn check(&self, call: Call<'_>) -> Verdict;
}

/// Serves everything.
#[derive(Clone, Copy, Debug)]
pub struct Open;

impl Gate for Open {
    fn check(&self, _: Call<'_>) -> Verdict {
        Verdict::Serve
    }
}
