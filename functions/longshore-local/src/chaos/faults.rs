//! Each service's own words for "too many", "not now" and "no room".

use serde_json::json;

use super::draw::Draw;
use crate::{Call, Fault};

/// What ECS says when Fargate has no room; also the reason of an item in `failures[]`.
pub(super) const NO_CAPACITY: &str = "Capacity is unavailable at this time. Please try again later \
                                      or in a different availability zone";

/// The call is one too many. None of these has taken effect.
pub(super) fn throttled(call: Call<'_>, draw: Draw) -> Fault {
    match call.service {
        "s3" => status(503, "SlowDown", "Please reduce your request rate."),
        "dynamodb" => draw
            .of(&DYNAMODB)
            .map_or_else(rate_exceeded, |(code, message)| Fault::client(code, message)),
        "sqs" => {
            draw.of(&SQS).map_or_else(rate_exceeded, |(code, message)| Fault::client(code, message))
        }
        "lambda" => status(429, "TooManyRequestsException", "Rate Exceeded.")
            .with("Reason", json!("CallerRateLimitExceeded")),
        _ => rate_exceeded(),
    }
}

/// "Error handling with DynamoDB", Developer Guide.
const DYNAMODB: [(&str, &str); 2] = [
    (
        "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded. Consider \
         increasing your provisioning level with the UpdateTable API.",
    ),
    (
        "com.amazon.coral.availability#ThrottlingException",
        "Throughput exceeds the current capacity of your table or index.",
    ),
];

/// "Common error types" and "SendMessage", Amazon SQS API Reference.
const SQS: [(&str, &str); 2] = [
    ("com.amazonaws.sqs#RequestThrottled", "The request was denied due to request throttling."),
    ("com.amazon.coral.availability#ThrottlingException", "Rate exceeded"),
];

fn rate_exceeded() -> Fault {
    Fault::client("ThrottlingException", "Rate exceeded")
}

/// The service has trouble of its own: 500 or 503, before or after the effect.
pub(super) fn failed(call: Call<'_>, draw: Draw) -> Fault {
    let is_unavailable = draw.of(&[true, false]).unwrap_or_default();
    let (code, message) = match call.service {
        "s3" if is_unavailable => ("ServiceUnavailable", "Please reduce your request rate."),
        "s3" => ("InternalError", "We encountered an internal error. Please try again."),
        _ if is_unavailable => (
            "ServiceUnavailable",
            "The request has failed due to a temporary failure of the server.",
        ),
        "dynamodb" => (
            "com.amazonaws.dynamodb.v20120810#InternalServerError",
            "The request processing has failed because of an unknown error, exception or failure.",
        ),
        "ecs" => ("ServerException", "Service Unavailable. Please try again later."),
        "events" => ("InternalException", "This exception occurs due to unexpected causes."),
        "lambda" => ("ServiceException", "The Lambda service encountered an internal error."),
        _ => ("com.amazon.coral.service#InternalFailure", "An internal error has occurred."),
    };
    status(if is_unavailable { 503 } else { 500 }, code, message)
}

/// `RunTask` finds no room before it looks at single tasks.
pub(super) fn no_capacity(draw: Draw) -> Fault {
    let messages = [NO_CAPACITY, "The cluster has reached its limit of tasks in PROVISIONING."];
    Fault::client("ClientException", draw.of(&messages).unwrap_or(NO_CAPACITY))
}

/// A throttle of another service that ECS passes on under a name of its own.
pub(super) fn throttled_within() -> Fault {
    let message = "Error retrieving subnet information: Rate exceeded (ErrorCode: Throttling)";
    Fault::client("InvalidParameterException", message)
}

fn status(status: u16, code: &str, message: &str) -> Fault {
    Fault { status, ..Fault::client(code, message) }
}
