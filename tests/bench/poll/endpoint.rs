//! The fastest SQS there can be: ten messages to every call that asks, as long as there are some.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::apart::{body_of, listen};

/// What every message says: an object, as EventBridge tells of it.
const BODY: &str = r#"{\"version\":\"0\",\"id\":\"17793124-05d4-b198-2fde-7ededc63b103\",\"detail-type\":\"Object Created\",\"source\":\"aws.s3\",\"account\":\"000000000000\",\"time\":\"2026-11-23T00:00:00Z\",\"region\":\"us-east-1\",\"resources\":[\"arn:aws:s3:::data\"],\"detail\":{\"version\":\"0\",\"bucket\":{\"name\":\"data\"},\"object\":{\"key\":\"in/2026/11/23/part-00000.csv\",\"size\":1048576,\"etag\":\"d41d8cd98f00b204e9800998ecf8427e\",\"sequencer\":\"00617F08299329D189\"},\"request-id\":\"N4N7GDK58NMKJ12R\",\"requester\":\"000000000000\",\"reason\":\"PutObject\"}}"#;
/// Its digest, which the SDK for JavaScript compares.
const MD5: &str = "b5a55abaef2a925cb8d3606e30bb5a0e";
const EACH: u64 = 10;

/// Serves `messages` until it is ended.
pub(crate) fn serve(messages: u64) -> std::io::Result<()> {
    let left = Arc::new(AtomicU64::new(messages));
    listen(move |stream| answer(stream, &left))
}

fn answer(mut stream: TcpStream, left: &AtomicU64) -> std::io::Result<()> {
    let (mut buffer, mut filled) = (vec![0; 256 * 1024], 0);
    loop {
        let read = stream.read(&mut buffer[filled..])?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        let Some(body) = body_of(&buffer[..filled]) else { continue };
        let head = String::from_utf8_lossy(&buffer[..body]).to_ascii_lowercase();
        let said = if head.contains("amazonsqs.receivemessage") {
            received(left)
        } else if head.contains("amazonsqs.getqueueattributes") {
            r#"{"Attributes":{"VisibilityTimeout":"300"}}"#.to_owned()
        } else {
            settled(&String::from_utf8_lossy(&buffer[body..filled]))
        };
        filled = 0;
        let length = said.len();
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ";
        stream.write_all(format!("{head}{length}\r\n\r\n{said}").as_bytes())?;
    }
}

fn received(left: &AtomicU64) -> String {
    let take = |left: u64| (left > 0).then(|| left.saturating_sub(EACH));
    let Ok(before) = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) else {
        return "{}".to_owned();
    };
    let message = |number: u64| {
        format!(
            r#"{{"MessageId":"{number:08}-5f3c-4c5e-9a51-0c1f1f0d7d11","ReceiptHandle":"AQEB{number:0>160}","MD5OfBody":"{MD5}","Body":"{BODY}","Attributes":{{"ApproximateReceiveCount":"1","SentTimestamp":"1763856000000","ApproximateFirstReceiveTimestamp":"1763856000100"}}}}"#
        )
    };
    let messages = (before.saturating_sub(EACH)..before).map(message).collect::<Vec<_>>();
    format!(r#"{{"Messages":[{}]}}"#, messages.join(","))
}

/// Every entry of a batch has succeeded.
fn settled(body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let entries = body["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let done: Vec<_> = entries.iter().map(|entry| format!(r#"{{"Id":{}}}"#, entry["Id"])).collect();
    format!(r#"{{"Successful":[{}],"Failed":[]}}"#, done.join(","))
}
