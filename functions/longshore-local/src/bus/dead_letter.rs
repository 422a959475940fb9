//! What a target's dead-letter queue gets ("Using dead-letter queues to process undelivered
//! events in EventBridge").

use super::{deliver::Delivery, rule::Dispatch};
use crate::Fault;

/// The event with the attributes that say why it was not delivered; `None` without a queue.
///
/// Nothing is retried on this machine: what a queue or a function here refuses once, it refuses
/// again.
pub(super) fn delivery(dispatch: &Dispatch, fault: &Fault) -> Option<Delivery> {
    let arn = dispatch.dead_letter_arn.clone()?;
    let attributes = vec![
        ("RULE_ARN", dispatch.rule_arn.clone()),
        ("TARGET_ARN", dispatch.delivery.arn.clone()),
        ("ERROR_CODE", error_code(fault).to_owned()),
        ("ERROR_MESSAGE", fault.message.clone()),
        ("RETRY_ATTEMPTS", "0".to_owned()),
    ];
    Some(Delivery {
        arn,
        body: dispatch.event.clone(),
        message_group: None,
        attributes,
        delay_secs: 0,
    })
}

fn error_code(fault: &Fault) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| fault.code.contains(word));
    if has(&["NotFound", "DoesNotExist", "NonExistent"]) {
        "NO_RESOURCE"
    } else if has(&["AccessDenied", "NotAuthorized"]) {
        "NO_PERMISSIONS"
    } else if has(&["Throttl", "TooManyRequests"]) {
        "THROTTLING"
    } else if fault.status < 500 {
        "INVALID_PARAMETER"
    } else {
        "INTERNAL_ERROR"
    }
}
