//! Bodies in and out, in the protocol that the caller speaks.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::{
    query_error,
    route::{Route, Service},
    whole,
};
use crate::{Fault, s3::Answer};

/// Largest body of a JSON request: ten SQS messages share 1 MiB, an invocation has 6 MB, and
/// JSON may escape every byte of them.
const BODY_BYTES_MAX: usize = 16 * 1_048_576;

const JSON_1_0: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
const JSON_1_1: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const XML: HeaderValue = HeaderValue::from_static("application/xml");

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// AWS JSON 1.0, of SQS and DynamoDB; `query` when the client still matches Query codes.
    Json10 { query: bool },
    /// AWS JSON 1.1, of ECS and EventBridge.
    Json11,
    /// REST with JSON, of Lambda.
    RestJson,
    /// REST with XML, of S3.
    RestXml,
}

impl Dialect {
    pub(super) fn of(route: &Route, headers: &HeaderMap) -> Self {
        let query = route.service == Service::Sqs && headers.contains_key("x-amzn-query-mode");
        match route.service {
            Service::S3 | Service::Sts => Self::RestXml,
            Service::Lambda | Service::Metadata => Self::RestJson,
            Service::Sqs | Service::DynamoDb => Self::Json10 { query },
            Service::Ecs | Service::Events | Service::Unknown(_) => Self::Json11,
        }
    }

    pub(super) fn output(self, output: &Value) -> Response<Answer> {
        let mut response = Response::new(whole(output.to_string().into()));
        response.headers_mut().insert(CONTENT_TYPE, self.content_type());
        response
    }

    pub(super) fn refusal(self, fault: &Fault) -> Response<Answer> {
        let body = if self == Self::RestXml {
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{}</Code><Message>{}</Message></Error>",
                escaped(&fault.code),
                escaped(&fault.message),
            )
        } else {
            let mut body = fault.fields.clone();
            body.insert("__type".into(), json!(fault.code));
            body.insert("message".into(), json!(fault.message));
            Value::Object(body).to_string()
        };
        let mut response = Response::new(whole(body.into()));
        *response.status_mut() =
            StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.content_type());
        if let Ok(code) = HeaderValue::try_from(&fault.code) {
            headers.insert(HeaderName::from_static("x-amzn-errortype"), code);
        }
        if let (Self::Json10 { query: true }, Some(code)) = (self, query_error(fault)) {
            headers.insert(HeaderName::from_static("x-amzn-query-error"), code);
        }
        response
    }

    fn content_type(self) -> HeaderValue {
        match self {
            Self::Json10 { .. } => JSON_1_0,
            Self::Json11 => JSON_1_1,
            Self::RestJson => JSON,
            Self::RestXml => XML,
        }
    }
}

/// The whole body of a request, up to a limit.
pub(super) async fn body_of(request: Request<Incoming>) -> Result<Bytes, Fault> {
    match Limited::new(request.into_body(), BODY_BYTES_MAX).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let message = format!("the body is larger than {BODY_BYTES_MAX} bytes");
            Err(Fault { status: 413, ..Fault::client("RequestEntityTooLarge", message) })
        }
        Err(error) => Err(Fault::client("IncompleteBody", error.to_string())),
    }
}

/// The input of an action; an empty body is an empty input.
pub(super) fn input(body: &[u8]) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(body)
        .map_err(|error| Fault::client("SerializationException", error.to_string()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
