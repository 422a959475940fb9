//! A call that the service refused, as the JSON protocols say it.

use http::StatusCode;
use serde_json::Value;

/// The credentials, or the signature, ended ("Common Errors", SQS and `DynamoDB` API references).
const EXPIRED: [&str; 3] = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];
/// The credentials are not those that the service knows: they may have been replaced.
const UNKNOWN: [&str; 4] = [
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
];
/// How the sentence begins when a signature is of another time than the service's ("Troubleshoot
/// Signature Version 4 signing", IAM user guide).
const OF_THE_CLOCK: [&str; 2] = ["Signature expired", "Signature not yet current"];

/// A call that was refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The name of the error, without its namespace; empty if it was not AWS that answered.
    pub(crate) code: String,
    message: String,
}

impl Refusal {
    pub(crate) fn read(status: StatusCode, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let code = text("__type").rsplit('#').next().unwrap_or_default().to_owned();
        let message = if text("message").is_empty() { text("Message") } else { text("message") };
        Self { status: status.as_u16(), code, message: message.to_owned() }
    }

    /// Whether the credentials ended.
    pub(crate) fn is_expired(&self) -> bool {
        EXPIRED.contains(&self.code.as_str())
    }

    /// Whether other credentials may not be refused.
    pub(super) fn is_of_credentials(&self) -> bool {
        self.is_expired() || UNKNOWN.contains(&self.code.as_str())
    }

    /// What it says, in one line.
    pub(crate) fn said(&self) -> String {
        let Self { status, code, message } = self;
        let said = format!("{code} ({status}): {message}");
        if OF_THE_CLOCK.iter().any(|begin| message.starts_with(begin)) {
            return format!("{said}; is the clock of this machine right?");
        }
        said
    }
}
