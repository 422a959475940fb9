//! What an answer of `DynamoDB` other than success means ("Error handling", Developer Guide).

use longshore_engine::ports::TableTrouble;

use crate::wire::Refusal;

/// What to do about it.
pub(super) fn trouble(refusal: &Refusal, table: &str) -> TableTrouble {
    let said = refusal.said();
    match refusal.code.as_str() {
        _ if refusal.is_expired() || refusal.status >= 500 || refusal.status == 429 => {
            TableTrouble::Retryable(said)
        }
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        | "InternalServerError"
        | "ResourceInUseException" => TableTrouble::Retryable(said),
        // One item is not acceptable; which one, the answer does not say.
        "ValidationException"
        | "SerializationException"
        | "ItemCollectionSizeLimitExceededException" => TableTrouble::Invalid(said),
        "ResourceNotFoundException" => TableTrouble::Rejected(format!(
            "{said}; is `{table}` the name of a table in this Region and account?"
        )),
        "AccessDeniedException" => TableTrouble::Rejected(format!(
            "{said}; allow dynamodb:BatchWriteItem on `{table}` to the task role"
        )),
        _ => TableTrouble::Rejected(said),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use http::StatusCode;

    use super::trouble;
    use crate::wire::Refusal;

    fn check(status: u16, body: &str) -> String {
        let refusal = Refusal::read(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        format!("{:?}\n", trouble(&refusal, "t"))
    }

    #[test]
    fn a_failure_is_classed_by_what_can_be_done_about_it() {
        let typed = |code: &str| {
            format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"m"}}"#)
        };
        let mut said = String::new();
        for code in [
            "ProvisionedThroughputExceededException",
            "ThrottlingException",
            "ExpiredTokenException",
            "ValidationException",
            "ResourceNotFoundException",
            "AccessDeniedException",
            "UnrecognizedClientException",
        ] {
            said.push_str(&check(400, &typed(code)));
        }
        said.push_str(&check(500, &typed("InternalServerError")));
        said.push_str(&check(503, "<html>"));
        said.push_str(&check(400, ""));
        expect![[r#"
            Retryable("ProvisionedThroughputExceededException (400): m")
            Retryable("ThrottlingException (400): m")
            Retryable("ExpiredTokenException (400): m")
            Invalid("ValidationException (400): m")
            Rejected("ResourceNotFoundException (400): m; is `t` the name of a table in this Region and account?")
            Rejected("AccessDeniedException (400): m; allow dynamodb:BatchWriteItem on `t` to the task role")
            Rejected("UnrecognizedClientException (400): m")
            Retryable("InternalServerError (500): m")
            Retryable(" (503): ")
            Rejected(" (400): ")
        "#]].assert_eq(&said);
    }
}
