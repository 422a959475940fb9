//! Errors behind which a task may stand, and those that every service of AWS has.

use super::*;

#[test]
fn throttling_is_no_refusal_in_whatever_code_it_hides() {
    check(
        &[
            (400, "ThrottlingException", "Rate exceeded"),
            (400, "InvalidParameterException", "Rate exceeded"),
            (400, "ClientException", "Throttling: too many requests"),
            (
                400,
                "InvalidParameterException",
                "Error retrieving security group information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)",
            ),
            (400, "RequestLimitExceeded", "Request limit exceeded."),
            (400, "TooManyRequestsException", "Too Many Requests"),
            (429, "", ""),
            (429, "SomethingNew", "slow down"),
        ],
        expect![[r#"
            uncertain: 400 ThrottlingException: Rate exceeded
            uncertain: 400 InvalidParameterException: Rate exceeded
            uncertain: 400 ClientException: Throttling: too many requests
            uncertain: 400 InvalidParameterException: Error retrieving security group information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)
            uncertain: 400 RequestLimitExceeded: Request limit exceeded.
            uncertain: 400 TooManyRequestsException: Too Many Requests
            uncertain: 429 : 
            uncertain: 429 SomethingNew: slow down
        "#]],
    );
}

#[test]
fn what_is_not_said_of_the_request_is_uncertain() {
    check(
        &[
            (500, "", ""),
            (500, "InternalFailure", "The request processing has failed"),
            (502, "", "<html>bad gateway</html>"),
            (503, "ServiceUnavailable", "The request has failed due to a temporary failure"),
            (503, "AccessDeniedException", "not authorized"),
            (504, "", ""),
            (400, "", "no code: not ECS spoke"),
            (403, "", "a proxy's word"),
            (403, "ExpiredTokenException", "The security token included in the request is expired"),
            (
                400,
                "RequestExpired",
                "The request reached the service more than 15 minutes after its date",
            ),
            (
                400,
                "RequestAbortedException",
                "The request was aborted before a reply was sent back",
            ),
            (408, "RequestTimeoutException", "The request could not be received in time"),
            (200, "SomethingNew", "an error with status 200"),
        ],
        expect![[r#"
            uncertain: 500 : 
            uncertain: 500 InternalFailure: The request processing has failed
            uncertain: 502 : <html>bad gateway</html>
            uncertain: 503 ServiceUnavailable: The request has failed due to a temporary failure
            uncertain: 503 AccessDeniedException: not authorized
            uncertain: 504 : 
            uncertain: 400 : no code: not ECS spoke
            uncertain: 403 : a proxy's word
            uncertain: 403 ExpiredTokenException: The security token included in the request is expired
            uncertain: 400 RequestExpired: The request reached the service more than 15 minutes after its date
            uncertain: 400 RequestAbortedException: The request was aborted before a reply was sent back
            uncertain: 408 RequestTimeoutException: The request could not be received in time
            uncertain: 200 SomethingNew: an error with status 200
        "#]],
    );
}

#[test]
fn the_errors_that_all_services_have_are_judged() {
    check(
        &[
            (403, "IncompleteSignature", "The signature is incomplete"),
            (403, "InvalidClientTokenId", "The X.509 certificate or access key does not exist"),
            (
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid",
            ),
            (401, "NotAuthorized", "You do not have permission to perform this action."),
            (403, "OptInRequired", "The access key needs a subscription for the service"),
            (400, "ValidationError", "The input fails to satisfy the constraints"),
            (404, "UnknownOperationException", "The operation is not known"),
            (413, "RequestEntityTooLargeException", "The request is too large"),
            (400, "SomethingNew", "a sentence of next year"),
        ],
        expect![[r#"
            Unknown: 403 IncompleteSignature: The signature is incomplete
            Unknown: 403 InvalidClientTokenId: The X.509 certificate or access key does not exist
            Permanent: 403 UnrecognizedClientException: The security token included in the request is invalid
            Unknown: 401 NotAuthorized: You do not have permission to perform this action.
            Unknown: 403 OptInRequired: The access key needs a subscription for the service
            Unknown: 400 ValidationError: The input fails to satisfy the constraints
            Unknown: 404 UnknownOperationException: The operation is not known
            Unknown: 413 RequestEntityTooLargeException: The request is too large
            Unknown: 400 SomethingNew: a sentence of next year
        "#]],
    );
}
