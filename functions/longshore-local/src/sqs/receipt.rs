//! Receipt handles: opaque to callers, valid for one receive of one message of one queue.

use data_encoding::BASE64URL_NOPAD;

use super::faults::modelled;
use super::queue::Receipt;
use crate::Fault;

/// Tells our handles from anything else that is Base64.
const VERSION: &str = "1";

/// The handle of a receive.
pub(super) fn handle(queue: &str, receipt: &Receipt) -> String {
    let text = format!("{VERSION} {queue} {} {}", receipt.id, receipt.receives);
    BASE64URL_NOPAD.encode(text.as_bytes())
}

/// Reads a handle of this queue; anything else is `ReceiptHandleIsInvalid`.
pub(super) fn read(queue: &str, handle: &str) -> Result<Receipt, Fault> {
    parse(queue, handle).ok_or_else(|| {
        let message =
            format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
        modelled("ReceiptHandleIsInvalid", message)
    })
}

fn parse(queue: &str, handle: &str) -> Option<Receipt> {
    let text = String::from_utf8(BASE64URL_NOPAD.decode(handle.as_bytes()).ok()?).ok()?;
    let mut parts = text.split(' ');
    if (parts.next()?, parts.next()?) != (VERSION, queue) {
        return None;
    }
    let receipt = Receipt { id: parts.next()?.to_owned(), receives: parts.next()?.parse().ok()? };
    parts.next().is_none().then_some(receipt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_good_for_its_own_queue_only() {
        let receipt = Receipt { id: "5fea7756-0ea4-451a-a703-a558b933e274".into(), receives: 3 };
        let handle = handle("inbox", &receipt);
        assert_eq!(read("inbox", &handle), Ok(receipt));
        for (queue, handle) in [("other", handle.as_str()), ("inbox", "nonsense"), ("inbox", "")] {
            let fault = read(queue, handle).unwrap_err();
            assert_eq!(
                (fault.status, fault.code.as_str()),
                (404, "com.amazonaws.sqs#ReceiptHandleIsInvalid")
            );
        }
    }
}
