//! What S3 tells EventBridge of an object ("EventBridge event message structure", S3 user guide).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{identity::whole_second, version::Version};
use crate::Account;

/// `ETag` of nothing, which the event of a delete marker carries.
const ETAG_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// Everything here is called from this machine.
const SOURCE_IP: &str = "127.0.0.1";

/// An event from `aws.s3`, whole but for the envelope's id, account and Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ObjectEvent {
    /// Name of the bucket.
    pub bucket: String,
    /// `Object Created` or `Object Deleted`.
    pub detail_type: String,
    /// When it happened, in whole seconds as the envelope states it.
    pub time: Timestamp,
    /// The bucket's ARN.
    pub resources: Vec<String>,
    /// `detail`, with the key as it is, not encoded.
    pub detail: Value,
}

/// Which request did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    /// `PutObject`, `CopyObject`, `CompleteMultipartUpload` or `DeleteObject`.
    pub(super) reason: &'static str,
    /// Its id.
    pub(super) request_id: String,
}

/// `Object Created` of a version with content.
pub(super) fn created(version: &Version, cause: &Cause, account: &Account) -> ObjectEvent {
    let mut event = event(version, "Object Created", cause, account);
    if let Some(content) = &version.content {
        event.detail["object"]["size"] = content.size.into();
        event.detail["object"]["etag"] = content.etag.as_str().into();
    }
    event
}

/// `Object Deleted`: a marker was put on top.
pub(super) fn marked(marker: &Version, cause: &Cause, account: &Account) -> ObjectEvent {
    let mut event = event(marker, "Object Deleted", cause, account);
    event.detail["object"]["etag"] = ETAG_OF_NOTHING.into();
    event.detail["deletion-type"] = "Delete Marker Created".into();
    event
}

/// `Object Deleted`: the version is gone. Its `sequencer` and `modified` are the deletion's.
pub(super) fn removed(version: &Version, cause: &Cause, account: &Account) -> ObjectEvent {
    let mut event = event(version, "Object Deleted", cause, account);
    event.detail["deletion-type"] = "Permanently Deleted".into();
    event
}

fn event(version: &Version, detail_type: &str, cause: &Cause, account: &Account) -> ObjectEvent {
    let mut object = json!({
        "key": version.key,
        "sequencer": version.sequencer.to_string(),
    });
    if let Some(id) = &version.id {
        object["version-id"] = id.as_str().into();
    }
    ObjectEvent {
        bucket: version.bucket.clone(),
        detail_type: detail_type.into(),
        time: whole_second(version.modified),
        resources: vec![format!("arn:aws:s3:::{}", version.bucket)],
        detail: json!({
            "version": "0",
            "event-version": "1.1",
            "bucket": {"name": version.bucket},
            "object": object,
            "request-id": cause.request_id,
            "requester": account.id,
            "source-ip-address": SOURCE_IP,
            "reason": cause.reason,
        }),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::s3::{
        identity::Sequencer,
        version::{About, Content},
    };

    fn version(id: Option<&str>) -> Version {
        let modified = "2026-11-12T00:00:00Z".parse().unwrap();
        Version {
            bucket: "my-bucket".into(),
            key: "in/a b+c \"%41\".csv".into(),
            id: id.map(str::to_owned),
            sequencer: Sequencer::default().after(modified),
            modified,
            content: Some(Content {
                file: "f".into(),
                size: 5,
                etag: "b1946ac92492d2347c6235b4d2611184".into(),
                sum: None,
                parts: Vec::new(),
                about: About::default(),
            }),
        }
    }

    fn check(event: &ObjectEvent, expect: &Expect) {
        let json = serde_json::to_string_pretty(&event.detail).unwrap();
        expect.assert_eq(&format!("{} {}\n{json}\n", event.detail_type, event.resources[0]));
    }

    fn cause(reason: &'static str) -> Cause {
        Cause { reason, request_id: "N4N7GDK58NMKJ12R".into() }
    }

    #[test]
    fn an_object_created() {
        let account = Account::local("http://127.0.0.1:4566");
        let event = created(&version(Some("IYV3p")), &cause("PutObject"), &account);
        check(
            &event,
            &expect![[r#"
                Object Created arn:aws:s3:::my-bucket
                {
                  "bucket": {
                    "name": "my-bucket"
                  },
                  "event-version": "1.1",
                  "object": {
                    "etag": "b1946ac92492d2347c6235b4d2611184",
                    "key": "in/a b+c \"%41\".csv",
                    "sequencer": "6af5018000000000",
                    "size": 5,
                    "version-id": "IYV3p"
                  },
                  "reason": "PutObject",
                  "request-id": "N4N7GDK58NMKJ12R",
                  "requester": "000000000000",
                  "source-ip-address": "127.0.0.1",
                  "version": "0"
                }
            "#]],
        );
    }

    #[test]
    fn what_differs_in_other_events() {
        let account = Account::local("");
        let unversioned = created(&version(None), &cause("CopyObject"), &account);
        assert_eq!(unversioned.detail["object"].get("version-id"), None);

        let on_top = Version { content: None, ..version(Some("m")) };
        let marked = marked(&on_top, &cause("DeleteObject"), &account);
        assert_eq!(marked.detail["deletion-type"], "Delete Marker Created");
        assert_eq!(marked.detail["object"]["etag"], ETAG_OF_NOTHING);
        assert_eq!(marked.detail["object"].get("size"), None);

        let removed = removed(&version(Some("v")), &cause("DeleteObject"), &account);
        assert_eq!(removed.detail["deletion-type"], "Permanently Deleted");
        assert_eq!(removed.detail["object"].get("etag"), None);
        assert_eq!(removed.detail_type, "Object Deleted");
    }
}
