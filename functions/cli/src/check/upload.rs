//! An object that has just been uploaded, as EventBridge tells of it.

use serde_json::{Value, json};

pub(super) fn uploaded(bucket: &str, key: &str, time: &str) -> Value {
    json!({
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000000",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "000000000000",
        "time": time,
        "region": "us-east-1",
        "resources": [format!("arn:aws:s3:::{bucket}")],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": 1, "sequencer": "00", "version-id": "1"},
            "reason": "PutObject",
        },
    })
}
