//! Which service a request is for: its signature says so, then its target, then its path; what
//! remains is S3's.

use std::borrow::Cow;

use http::{HeaderMap, Method, Uri, header::AUTHORIZATION};

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) service: Service,
    /// The action; of S3 the HTTP method.
    pub(super) operation: String,
}

/// The services of this AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Service {
    S3,
    Sqs,
    DynamoDb,
    Ecs,
    Events,
    Lambda,
    Sts,
    Metadata,
    Unknown(String),
}

impl Service {
    /// The signing name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::S3 => "s3",
            Self::Sqs => "sqs",
            Self::DynamoDb => "dynamodb",
            Self::Ecs => "ecs",
            Self::Events => "events",
            Self::Lambda => "lambda",
            Self::Sts => "sts",
            Self::Metadata => "ecs-agent",
            Self::Unknown(name) => name,
        }
    }

    fn of_scope(name: &str) -> Self {
        match name {
            "s3" | "s3express" => Self::S3,
            "sqs" => Self::Sqs,
            "dynamodb" => Self::DynamoDb,
            "ecs" => Self::Ecs,
            "events" => Self::Events,
            "lambda" => Self::Lambda,
            "sts" => Self::Sts,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Of the part of `X-Amz-Target` before the dot.
    fn of_target(prefix: &str) -> Self {
        match prefix {
            "AmazonSQS" => Self::Sqs,
            "DynamoDB_20120810" | "DynamoDBStreams_20120810" => Self::DynamoDb,
            "AmazonEC2ContainerServiceV20141113" => Self::Ecs,
            "AWSEvents" => Self::Events,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

pub(super) fn route(method: &Method, uri: &Uri, headers: &HeaderMap) -> Route {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let target = target.and_then(|target| target.split_once('.'));
    let service = scope(uri, headers)
        .map(|scope| Service::of_scope(&scope))
        .or_else(|| target.map(|(prefix, _)| Service::of_target(prefix)))
        .unwrap_or_else(|| by_path(uri.path()));
    let operation = match (&service, target) {
        (Service::S3, _) => method.as_str(),
        (_, Some((_, operation))) => operation,
        (Service::Lambda, None) => "Invoke",
        (Service::Sts, None) => "GetCallerIdentity",
        (_, None) => uri.path(),
    };
    Route { operation: operation.to_owned(), service }
}

fn by_path(path: &str) -> Service {
    if path.starts_with("/_ecs/") {
        Service::Metadata
    } else if path.starts_with("/2015-03-31/functions/") {
        Service::Lambda
    } else {
        Service::S3
    }
}

/// The service in a SigV4 credential scope: `KEY/DATE/REGION/SERVICE/aws4_request`.
fn scope(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let signed = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let in_header = signed.and_then(|value| value.split("Credential=").nth(1));
    let credential = if let Some(rest) = in_header {
        Cow::Borrowed(rest.split([',', ' ']).next()?)
    } else {
        let mut parts = uri.query()?.split('&');
        let encoded = parts.find_map(|part| part.strip_prefix("X-Amz-Credential="))?;
        Cow::Owned(encoded.replace("%2F", "/").replace("%2f", "/"))
    };
    credential.rsplit('/').nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(uri: &str, headers: &[(&'static str, &str)], expected: &Expect) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let route = route(&Method::POST, &uri.parse().unwrap(), &map);
        expected.assert_eq(&format!("{} {}", route.service.name(), route.operation));
    }

    #[test]
    fn a_request_finds_its_service() {
        let signed = |service: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
            )
        };
        let target = ("x-amz-target", "AmazonSQS.SendMessage");
        check("/", &[("authorization", &signed("sqs")), target], &expect!["sqs SendMessage"]);
        check("/", &[target], &expect!["sqs SendMessage"]);
        check("/b/k", &[("authorization", &signed("s3"))], &expect!["s3 POST"]);
        check(
            "/b/k?X-Amz-Credential=test%2F20261122%2Fus-east-1%2Fs3%2Faws4_request",
            &[],
            &expect!["s3 POST"],
        );
        check("/b/k", &[], &expect!["s3 POST"]);
        check("/_ecs/v4/abc", &[], &expect!["ecs-agent /_ecs/v4/abc"]);
        check("/", &[("authorization", &signed("sts"))], &expect!["sts GetCallerIdentity"]);
        check(
            "/",
            &[("authorization", &signed("logs")), ("x-amz-target", "Logs_20140328.PutLogEvents")],
            &expect!["logs PutLogEvents"],
        );
        check(
            "/2015-03-31/functions/f/invocations",
            &[("authorization", &signed("lambda"))],
            &expect!["lambda Invoke"],
        );
    }
}
