//! What an invocation comes to, in the words of Lambda's Invoke.

use bytes::Bytes;
use http::{Response, StatusCode, header::CONTENT_TYPE};
use serde::Deserialize;
use serde_json::json;

use super::{
    process::{Exit, Outcome},
    runtime_api::Answer,
};

/// The answer of Invoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invoked {
    /// 200 after a synchronous invocation, also of a function that failed; 202 and 204 otherwise.
    pub status: u16,
    /// The function's response, or the description of its error.
    pub payload: Bytes,
    /// `Unhandled` when the function failed, crashed or took too long.
    pub function_error: Option<String>,
    /// Request id, a UUID.
    pub request_id: String,
}

impl Invoked {
    /// An answer without a payload: 202 or 204.
    pub(super) fn empty(status: u16, request_id: String) -> Self {
        Self { status, payload: Bytes::new(), function_error: None, request_id }
    }

    /// What the caller gets for `outcome`.
    pub(super) fn from_outcome(outcome: Outcome, request_id: &str, timeout_secs: u32) -> Self {
        let (payload, failed) = match outcome {
            Outcome::Answered(Answer::Response(payload)) => (payload, false),
            Outcome::Answered(Answer::Error(payload)) | Outcome::InitFailed(payload) => {
                (payload, true)
            }
            Outcome::Answered(Answer::TooLarge) => {
                let message = "Response payload size exceeded maximum allowed payload size \
                               (6291556 bytes).";
                (error("Function.ResponseSizeTooLarge", message), true)
            }
            Outcome::NeverFetched(Exit(how)) | Outcome::Exited(Exit(how)) => {
                let message = format!("RequestId: {request_id} Error: {how}");
                (error("Runtime.ExitError", &message), true)
            }
            Outcome::TimedOut => {
                let message = format!(
                    "RequestId: {request_id} Error: Task timed out after {timeout_secs}.00 seconds"
                );
                (error("Sandbox.Timedout", &message), true)
            }
        };
        Self {
            status: 200,
            payload,
            function_error: failed.then(|| "Unhandled".to_owned()),
            request_id: request_id.to_owned(),
        }
    }

    /// The command could not be started at all.
    pub(super) fn not_started(request_id: &str, command: &[String], why: &std::io::Error) -> Self {
        let message =
            format!("RequestId: {request_id} Error: cannot start `{}`: {why}", command.join(" "));
        Self {
            status: 200,
            payload: error("Runtime.InvalidEntrypoint", &message),
            function_error: Some("Unhandled".into()),
            request_id: request_id.to_owned(),
        }
    }

    /// Why the function failed, for people.
    pub(super) fn failure(&self) -> Option<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Described {
            error_type: Option<String>,
            error_message: Option<String>,
        }
        self.function_error.as_ref()?;
        let described = serde_json::from_slice::<Described>(&self.payload).ok();
        let words = described.and_then(|described| {
            Some(format!("{}: {}", described.error_type?, described.error_message?))
        });
        Some(words.unwrap_or_else(|| String::from_utf8_lossy(&self.payload).into_owned()))
    }

    /// The HTTP answer with the headers of Invoke.
    pub(crate) fn into_response(self) -> http::Result<Response<Bytes>> {
        let status = StatusCode::from_u16(self.status)?;
        let mut response = Response::builder()
            .status(status)
            .header("x-amzn-RequestId", self.request_id)
            .header("X-Amz-Executed-Version", "$LATEST");
        if let Some(error) = self.function_error {
            response = response.header("X-Amz-Function-Error", error);
        }
        if !self.payload.is_empty() {
            response = response.header(CONTENT_TYPE, "application/json");
        }
        response.body(self.payload)
    }
}

fn error(kind: &str, message: &str) -> Bytes {
    json!({"errorType": kind, "errorMessage": message}).to_string().into()
}
