//! An opaque object ─▶ one item that says what it is; its bytes are not read.

use super::hash::hash;
use super::items::{Item, escape_into};
use super::key::{KeySchema, KeyType, Part};
use super::reason::ObjectFault;

/// What the GET of an object told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metadata<'a> {
    /// Bucket.
    pub bucket: &'a str,
    /// Object key.
    pub key: &'a str,
    /// Size in bytes.
    pub size: u64,
    /// Entity tag, with its quotes removed.
    pub etag: Option<&'a str>,
    /// Version, if the bucket keeps versions.
    pub version_id: Option<&'a str>,
    /// Content type.
    pub content_type: Option<&'a str>,
    /// When this version was made, ISO 8601.
    pub last_modified: Option<&'a str>,
}

/// The item of an opaque object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataItem {
    json: Vec<u8>,
    identity: Vec<u8>,
}

impl MetadataItem {
    /// Its key is the object key, so the table's key must be one string.
    pub fn new(object: &Metadata<'_>, schema: &KeySchema) -> Result<Self, ObjectFault> {
        let fault = |words: String| Err(ObjectFault::Metadata(words));
        if let Some(sort) = &schema.sort {
            return fault(format!("the table has the sort key `{}`", sort.name));
        }
        if schema.partition.kind != KeyType::String {
            return fault(format!("the table's key `{}` is a number", schema.partition.name));
        }
        if let Err(reason) = schema.check_length(Part::Partition, object.key.len()) {
            return fault(reason.to_string());
        }
        let mut json = Vec::new();
        json.push(b'{');
        attribute(&schema.partition.name, "S", object.key, &mut json);
        let size = object.size.to_string();
        let known = [
            ("bucket", "S", Some(object.bucket)),
            ("size", "N", Some(size.as_str())),
            ("etag", "S", object.etag),
            ("versionId", "S", object.version_id),
            ("contentType", "S", object.content_type),
            ("lastModified", "S", object.last_modified),
        ];
        for (name, kind, value) in known {
            if let Some(value) = value.filter(|_| name != schema.partition.name) {
                json.push(b',');
                attribute(name, kind, value, &mut json);
            }
        }
        json.push(b'}');
        Ok(Self { json, identity: object.key.as_bytes().to_vec() })
    }

    /// The only item of its object.
    #[must_use]
    pub fn item(&self) -> Item<'_> {
        let Self { json, identity } = self;
        Item { json, identity, hash: hash(identity), number: 1, offset: 0 }
    }
}

fn attribute(name: &str, kind: &str, value: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    escape_into(name.as_bytes(), out);
    out.extend_from_slice(b"\":{\"");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\":\"");
    escape_into(value.as_bytes(), out);
    out.extend_from_slice(b"\"}");
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{Metadata, MetadataItem};

    fn check(object: &Metadata<'_>, schema: &str, expected: &Expect) {
        let said = match MetadataItem::new(object, &schema.parse().unwrap()) {
            Ok(item) => String::from_utf8(item.json).unwrap(),
            Err(fault) => fault.to_string(),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn an_opaque_object_is_one_item_of_what_is_known() {
        let photo = Metadata {
            bucket: "in",
            key: "a \"b\".png",
            size: 7,
            etag: Some("9a"),
            content_type: Some("image/png"),
            ..Metadata::default()
        };
        check(
            &photo,
            "path",
            &expect![[
                r#"{"path":{"S":"a \"b\".png"},"bucket":{"S":"in"},"size":{"N":"7"},"etag":{"S":"9a"},"contentType":{"S":"image/png"}}"#
            ]],
        );
        check(
            &Metadata { etag: None, content_type: None, ..photo },
            "bucket",
            &expect![[r#"{"bucket":{"S":"a \"b\".png"},"size":{"N":"7"}}"#]],
        );
        check(
            &photo,
            "id:N",
            &expect![
                "the object holds no records, and its metadata cannot be one item: the table's key `id` is a number; filter the trigger by suffix, or use a table whose only key is a string"
            ],
        );
    }
}
