//! A message, its attributes, and the digests by which SDKs check both.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

/// A message's attributes by name.
pub(crate) type Attributes = BTreeMap<String, Attribute>;

/// One message attribute, in SQS's own shape.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    /// `String`, `Number` or `Binary`, with an own label after a dot.
    #[serde(default)]
    pub(crate) data_type: String,
    /// Value of a `String` or `Number`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) string_value: Option<String>,
    /// Value of a `Binary`, in Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) binary_value: Option<String>,
}

/// A message in a queue: what was sent, and what became of it so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) id: String,
    /// Place in the queue; unique there, and rising.
    pub(super) sequence: u64,
    pub(super) body: String,
    pub(super) attributes: Attributes,
    /// System attributes that the sender may set: `AWSTraceHeader`.
    pub(super) system: Attributes,
    pub(super) group: Option<String>,
    pub(super) deduplication_id: Option<String>,
    /// The queue from which a redrive policy moved it here.
    pub(super) source_arn: Option<String>,
    pub(super) sent_ms: i64,
    /// Hidden until then, waiting since then.
    pub(super) visible_ms: i64,
    /// `ApproximateReceiveCount`, over all queues that it was in.
    pub(super) receives: u32,
    pub(super) first_received_ms: Option<i64>,
    /// Last receive from this queue: a hidden message with it is in flight, one without is delayed.
    pub(super) received_ms: Option<i64>,
}

impl Attribute {
    /// The value's bytes, which count towards the message's size and its digest.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match (&self.string_value, &self.binary_value) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(encoded)) => BASE64.decode(encoded.as_bytes()).unwrap_or_default(),
            (None, None) => Vec::new(),
        }
    }
}

/// MD5 of a body, in lower-case hexadecimal.
pub(super) fn digest_of_body(body: &str) -> String {
    HEXLOWER.encode(&Md5::digest(body.as_bytes()))
}

/// MD5 of attributes as SQS's developer guide defines it: by name, each part with its length;
/// `None` without attributes.
pub(super) fn digest_of(attributes: &Attributes) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut md5 = Md5::new();
    for (name, attribute) in attributes {
        add_part(&mut md5, name.as_bytes());
        add_part(&mut md5, attribute.data_type.as_bytes());
        md5.update([if attribute.binary_value.is_some() { 2 } else { 1 }]);
        add_part(&mut md5, &attribute.bytes());
    }
    Some(HEXLOWER.encode(&md5.finalize()))
}

fn add_part(md5: &mut Md5, part: &[u8]) {
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    md5.update(length.to_be_bytes());
    md5.update(part);
}

/// Bytes that count towards the message size limit: the body, and every attribute's name, type
/// and value.
pub(super) fn size(body: &str, attributes: &Attributes) -> usize {
    let attributes: usize = attributes
        .iter()
        .map(|(name, it)| name.len() + it.data_type.len() + it.bytes().len())
        .sum();
    body.len() + attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(data_type: &str, value: &str) -> Attribute {
        Attribute {
            data_type: data_type.into(),
            string_value: Some(value.into()),
            binary_value: None,
        }
    }

    fn of<const N: usize>(attributes: [(&str, Attribute); N]) -> Attributes {
        attributes.map(|(name, it)| (name.to_owned(), it)).into()
    }

    /// The expected digests are AWS's own answers to these attributes.
    #[test]
    fn digests_are_those_of_aws() {
        assert_eq!(digest_of_body("msg"), "6e2baaf3b97dbeef01c0043275f9a0e7");
        let check = |attributes: Attributes, md5: &str| {
            assert_eq!(digest_of(&attributes).as_deref(), Some(md5));
        };
        check(of([("Foo", text("String", "Bar"))]), "ae7155c6026991b6d54b11589678bf9c");
        check(
            of([
                ("Hello", text("String", "There")),
                ("General", text("String", "Kenobi")),
                ("Help.Me", text("String", "Me")),
            ]),
            "4c360f3fdafd970e05fae2f149d997f5",
        );
        let trace = b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01";
        let binary = Attribute {
            data_type: "Binary".into(),
            string_value: None,
            binary_value: Some(BASE64.encode(trace)),
        };
        check(of([("attr1", binary)]), "8cbe4db156db8a94db8b801b7addb984");
        assert_eq!(digest_of(&Attributes::new()), None);
    }

    #[test]
    fn everything_of_an_attribute_counts_towards_the_size() {
        let binary = Attribute {
            data_type: "Binary".into(),
            string_value: None,
            binary_value: Some("AAEC".into()),
        };
        let attributes = of([("n", text("Number.int", "42")), ("bb", binary)]);
        assert_eq!(size("żó", &attributes), 4 + (1 + 10 + 2) + (2 + 6 + 3));
    }
}
