//! Who may call: everyone. A signature is checked, since a wrong one would fail on AWS too.

use async_trait::async_trait;
use bytes::Bytes;
use s3s::{
    S3Result,
    access::{S3Access, S3AccessContext},
    auth::{S3Auth, SecretKey},
    s3_error,
};

/// The one secret of this AWS.
const SECRET: &str = "test";

/// What to do about a signature that was made with another secret.
const ADVICE: &str = "The request signature we calculated does not match the signature you \
    provided. This is the embedded AWS: set AWS_ACCESS_KEY_ID=test and \
    AWS_SECRET_ACCESS_KEY=test, or do not sign.";

/// Knows the same secret for every access key.
#[derive(Debug)]
pub(super) struct OneSecret;

#[async_trait]
impl S3Auth for OneSecret {
    async fn get_secret_key(&self, _: &str) -> S3Result<SecretKey> {
        Ok(SecretKey::from(SECRET))
    }
}

/// Lets signed and unsigned requests in, so that a bare `curl -T` works.
#[derive(Debug)]
pub(super) struct Everyone;

#[async_trait]
impl S3Access for Everyone {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        let chunked = request
            .headers()
            .get("x-amz-content-sha256")
            .is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"));
        // The protocol crate decodes chunks of signed requests only.
        if request.credentials().is_none() && chunked {
            return Err(s3_error!(
                InvalidRequest,
                "A body in aws-chunked coding must be signed: set AWS_ACCESS_KEY_ID=test and AWS_SECRET_ACCESS_KEY=test"
            ));
        }
        Ok(())
    }
}

/// The answer with advice, if it says that a signature does not match.
pub(super) fn advised(status: http::StatusCode, body: Option<Bytes>) -> Option<Bytes> {
    const CODE: &str = "<Code>SignatureDoesNotMatch</Code>";
    let body = body.filter(|_| status == http::StatusCode::FORBIDDEN)?;
    let text = std::str::from_utf8(&body).ok()?;
    let (before, after) = text.split_once(CODE)?;
    let after = after.split_once("</Message>").map_or(after, |(_, after)| after);
    Some(format!("{before}{CODE}<Message>{ADVICE}</Message>{after}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &'static str, expected: bool) {
        let status = http::StatusCode::from_u16(status).unwrap();
        let advised = advised(status, Some(Bytes::from_static(body.as_bytes())));
        let says = |body: Bytes| String::from_utf8_lossy(&body).matches("SECRET").count() == 1;
        assert_eq!(advised.is_some_and(says), expected, "{body}");
    }

    #[test]
    fn advice_is_given_for_a_wrong_secret_only() {
        check(403, "<Error><Code>SignatureDoesNotMatch</Code></Error>", true);
        check(403, "<Error><Code>SignatureDoesNotMatch</Code><Message>x</Message></Error>", true);
        check(403, "<Error><Code>AccessDenied</Code></Error>", false);
        check(200, "<Code>SignatureDoesNotMatch</Code>", false);
    }
}
