//! SQS's refusals, in the names of its JSON protocol and of its former Query protocol.
//!
//! A [`Fault`] carries the full shape name for `__type`; [`query_error`] gives what AWS adds for
//! clients that still match the former codes.

use crate::Fault;

/// Prefix of the errors that SQS's model declares.
const MODELLED: &str = "com.amazonaws.sqs#";
/// Prefix of the errors that every AWS service has.
const CORAL: &str = "com.amazon.coral.service#";

/// Value of the `x-amzn-query-error` header that goes with `fault`, such as
/// `AWS.SimpleQueueService.NonExistentQueue;Sender`.
///
/// SDKs prefer its code over `__type`, so an answer without it reads differently from AWS's.
pub(crate) fn query_error(fault: &Fault) -> String {
    let side = if fault.status >= 500 { "Receiver" } else { "Sender" };
    format!("{};{side}", query_code(fault))
}

/// The code of the former Query protocol, which batch answers also use for their failed entries.
pub(super) fn query_code(fault: &Fault) -> String {
    let name = fault.code.rsplit('#').next().unwrap_or_default();
    match name {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".into(),
        "QueueNameExists" => "QueueAlreadyExists".into(),
        "InvalidParameterValueException" => "InvalidParameterValue".into(),
        "MissingRequiredParameterException" => "MissingParameter".into(),
        "UnknownOperationException" => "InvalidAction".into(),
        "SerializationException" => "MalformedInput".into(),
        "BatchEntryIdsNotDistinct"
        | "BatchRequestTooLong"
        | "EmptyBatchRequest"
        | "InvalidBatchEntryId"
        | "MessageNotInflight"
        | "PurgeQueueInProgress"
        | "QueueDeletedRecently"
        | "TooManyEntriesInBatchRequest"
        | "UnsupportedOperation" => format!("AWS.SimpleQueueService.{name}"),
        _ => name.into(),
    }
}

/// An error of SQS's own model.
pub(super) fn modelled(name: &str, message: impl Into<String>) -> Fault {
    let status = match name {
        "ReceiptHandleIsInvalid" => 404,
        "PurgeQueueInProgress" | "OverLimit" => 403,
        _ => 400,
    };
    Fault { status, ..Fault::client(format!("{MODELLED}{name}"), message) }
}

/// `InvalidParameterValue` with the whole sentence.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::client(format!("{CORAL}InvalidParameterValueException"), message)
}

/// `InvalidParameterValue` in SQS's usual sentence.
pub(super) fn invalid_value(parameter: &str, value: impl std::fmt::Display, why: &str) -> Fault {
    invalid(format!("Value {value} for parameter {parameter} is invalid. Reason: {why}"))
}

/// A required parameter is absent or empty.
pub(super) fn missing(parameter: &str) -> Fault {
    Fault::client(
        format!("{CORAL}MissingRequiredParameterException"),
        format!("The request must contain the parameter {parameter}."),
    )
}

/// The request is not of the operation's shape.
pub(super) fn malformed(why: impl std::fmt::Display) -> Fault {
    Fault::client(format!("{CORAL}SerializationException"), why.to_string())
}

/// There is no such queue.
pub(super) fn no_queue() -> Fault {
    modelled("QueueDoesNotExist", "The specified queue does not exist.")
}

/// There is no such attribute, of a queue or of a message.
pub(super) fn no_attribute(name: &str) -> Fault {
    modelled("InvalidAttributeName", format!("Unknown Attribute {name}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_former_code_and_whose_fault_it_was() {
        let check = |fault: Fault, header: &str| assert_eq!(query_error(&fault), header);
        check(no_queue(), "AWS.SimpleQueueService.NonExistentQueue;Sender");
        check(modelled("QueueNameExists", ""), "QueueAlreadyExists;Sender");
        check(
            modelled("BatchRequestTooLong", ""),
            "AWS.SimpleQueueService.BatchRequestTooLong;Sender",
        );
        check(modelled("ReceiptHandleIsInvalid", ""), "ReceiptHandleIsInvalid;Sender");
        check(invalid(""), "InvalidParameterValue;Sender");
        check(missing("X"), "MissingParameter;Sender");
        check(Fault::unknown_operation("SQS", "Fly"), "InvalidAction;Sender");
        check(Fault::server("disk full"), "InternalFailure;Receiver");
    }
}
