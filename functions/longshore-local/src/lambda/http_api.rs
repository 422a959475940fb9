//! Lambda's Invoke over HTTP, for those who call a function with an SDK.

use std::sync::Arc;

use bytes::Bytes;
use serde::de::IgnoredAny;

use super::{Invoked, Lambda, ids};
use crate::Fault;

/// Bytes of a synchronous event at most: 6 MB (Lambda quotas).
const SYNC_BYTES_MAX: usize = 6_291_456;

/// Bytes of an asynchronous event at most: 1 MB (Lambda quotas).
const ASYNC_BYTES_MAX: usize = 1_048_576;

impl Lambda {
    /// `POST /2015-03-31/functions/NAME/invocations` with its `X-Amz-Invocation-Type`.
    pub(crate) async fn invoke_http(
        self: &Arc<Self>,
        path: &str,
        invocation_type: Option<&str>,
        payload: Bytes,
    ) -> Result<Invoked, Fault> {
        let function = function_of(path)
            .ok_or_else(|| Fault::unknown_operation("Lambda", path.trim_start_matches('/')))?;
        match invocation_type.unwrap_or("RequestResponse") {
            "RequestResponse" => self.invoke(&function, accept(payload, SYNC_BYTES_MAX)?).await,
            "Event" => {
                self.invoke_event(&function, accept(payload, ASYNC_BYTES_MAX)?)?;
                Ok(Invoked::empty(202, ids::request_id()))
            }
            "DryRun" => {
                drop(self.function(&function)?);
                Ok(Invoked::empty(204, ids::request_id()))
            }
            other => Err(Fault::client(
                "InvalidParameterValueException",
                format!("invocation type `{other}` is none of RequestResponse, Event and DryRun"),
            )),
        }
    }
}

/// The event as the function gets it: any JSON, and `{}` when the caller sent nothing.
fn accept(payload: Bytes, bytes_max: usize) -> Result<Bytes, Fault> {
    if payload.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    if payload.len() > bytes_max {
        let message = format!(
            "Request must be smaller than {bytes_max} bytes for the InvokeFunction operation"
        );
        let mut fault = Fault::client("RequestTooLargeException", message);
        fault.status = 413;
        return Err(fault);
    }
    serde_json::from_slice::<IgnoredAny>(&payload).map_err(|error| {
        let message = format!("Could not parse request body into json: {error}");
        Fault::client("InvalidRequestContentException", message)
    })?;
    Ok(payload)
}

/// The function that a request path names.
fn function_of(path: &str) -> Option<String> {
    let path = path.split('?').next()?;
    let name = path.strip_prefix("/2015-03-31/functions/")?.strip_suffix("/invocations")?;
    Some(name.replace("%3A", ":").replace("%3a", ":").replace("%24", "$"))
}

/// The bare name in a name, a partial ARN or an ARN, each with or without `$LATEST`.
pub(super) fn name_of(name_or_arn: &str) -> Option<&str> {
    let name = name_or_arn.strip_suffix(":$LATEST").unwrap_or(name_or_arn);
    match name.rsplit_once("function:") {
        Some((_, name)) => Some(name),
        None if name.contains(':') => None,
        None => Some(name),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::{
        Clock, Happening,
        lambda::fake::{Ear, ground, lambda, spec},
    };

    #[test]
    fn every_form_of_a_function_name_is_understood() {
        for (given, expected) in [
            ("f", Some("f")),
            ("f:$LATEST", Some("f")),
            ("000000000000:function:f", Some("f")),
            ("function:f", Some("f")),
            ("arn:aws:lambda:us-east-1:000000000000:function:f", Some("f")),
            ("arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST", Some("f")),
            ("f:3", None),
        ] {
            assert_eq!(name_of(given), expected, "{given}");
        }
    }

    #[test]
    fn a_path_names_a_function() {
        let path =
            "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A0%3Afunction%3Af/invocations";
        assert_eq!(function_of(path).unwrap(), "arn:aws:lambda:us-east-1:0:function:f");
        assert_eq!(function_of("/2015-03-31/functions/f/invocations?Qualifier=x").unwrap(), "f");
        assert_eq!(function_of("/2015-03-31/functions/f"), None);
    }

    #[test]
    fn an_event_is_json_within_its_limit() {
        let digits = Bytes::from_static(b"12345678901234567890");
        assert_eq!(accept(digits.clone(), 20), Ok(digits.clone()));
        assert_eq!(accept(digits, 19).unwrap_err().status, 413);
        assert_eq!(accept(Bytes::new(), 9), Ok(Bytes::from_static(b"{}")));
        let fault = accept(Bytes::from_static(b"{"), 9).unwrap_err();
        assert_eq!(fault.code, "InvalidRequestContentException");
    }

    #[tokio::test]
    async fn an_asynchronous_invocation_is_tried_three_times() {
        let ground = ground(Clock::starting_at(Clock::system().now(), 6_000.0));
        let mut ear = Ear::new(&ground);
        let lambda = Lambda::open(ground).unwrap();
        lambda.create(spec("exit 1")).unwrap();
        let path = "/2015-03-31/functions/f/invocations";
        let answer =
            lambda.invoke_http(path, Some("Event"), Bytes::from_static(b"1")).await.unwrap();
        assert_eq!((answer.status, answer.payload.len()), (202, 0));
        let failed = |it| matches!(it, Happening::FunctionFailed { .. }).then_some(());
        for _ in 0..3 {
            ear.hear(failed).await;
        }
    }

    #[tokio::test]
    async fn invoke_over_http_answers_with_lambdas_codes() {
        let (lambda, ..) = lambda(spec("exit 1"));
        let path = "/2015-03-31/functions/f/invocations";
        let dry = lambda.invoke_http(path, Some("DryRun"), Bytes::new()).await.unwrap();
        assert_eq!(dry.into_response().unwrap().status(), StatusCode::NO_CONTENT);
        let failed = lambda.invoke_http(path, None, Bytes::new()).await.unwrap();
        let response = failed.into_response().unwrap();
        assert_eq!(response.headers()["x-amz-function-error"], "Unhandled");
        for (path, kind, status, code) in [
            ("/2015-03-31/functions/g/invocations", None, 404, "ResourceNotFoundException"),
            (path, Some("Later"), 400, "InvalidParameterValueException"),
            ("/2015-03-31/functions/f", None, 400, "UnknownOperationException"),
        ] {
            let fault = lambda.invoke_http(path, kind, Bytes::new()).await.unwrap_err();
            assert_eq!((fault.status, fault.code.as_str()), (status, code), "{path}");
        }
    }
}
