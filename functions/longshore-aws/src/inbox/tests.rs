//! The queue against an endpoint that says what it is told to.

use std::sync::mpsc::Receiver;

use expect_test::expect;
use longshore::poll::{
    Lend,
    Told::{Again, Done, Gone},
};
use longshore_engine::ports::{Inbox as _, InboxTrouble, Terms};
use serde_json::{Value, json};

use super::{SqsInbox, host_of};
use crate::wire::endpoint::{
    Reply::{self, Breaks, HangsUp, Says, SaysLast},
    Seen, clients, endpoint,
};

const MESSAGE: &str = r#"{"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"b"}]}"#;
const NO_RECEIPT: &str = r#"{"Messages":[{"MessageId":"m","Body":"b"}]}"#;
const THROTTLED: &str = r#"{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow"}"#;
const NO_QUEUE: &str = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"none"}"#;
const ALL: &str = r#"{"Successful":[{"Id":"0"},{"Id":"1"},{"Id":"2"}]}"#;
const PARTLY: &str = r#"{"Successful":[{"Id":"2"}],"Failed":[
    {"Id":"1","SenderFault":true,"Code":"ReceiptHandleIsInvalid","Message":"old"},
    {"Id":"0","SenderFault":false,"Code":"InternalError"}]}"#;

async fn inbox(replies: &[Reply]) -> (SqsInbox, Receiver<Seen>) {
    let (url, seen) = endpoint(replies.to_vec());
    let queue = "https://sqs.eu-central-1.amazonaws.com/123456789012/work";
    (SqsInbox::new(&clients(&url).await, queue).unwrap(), seen)
}

fn lends() -> Vec<Lend> {
    let lend = |(key, receipt): (u64, &str)| Lend { key, receipt: receipt.into(), secs: 90 };
    [(7, "r0"), (8, "r1"), (9, "r2")].map(lend).into()
}

/// What came, in order: over which connection, which action.
fn actions(seen: &Receiver<Seen>) -> String {
    let action = |Seen { connection, head, .. }| {
        let target = head.split("x-amz-target: amazonsqs.").nth(1).unwrap();
        format!("{connection}:{}", target.split("\r\n").next().unwrap())
    };
    seen.try_iter().map(action).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn of_a_batch_each_message_is_told_by_its_place() {
    let (inbox, seen) = inbox(&[Says(200, PARTLY); 2]).await;
    assert_eq!(inbox.delete(&lends()).await.unwrap(), [Again, Gone, Done]);
    assert_eq!(inbox.lend(&lends()).await.unwrap(), [Again, Gone, Done]);
    let entries = || serde_json::from_str::<Value>(&seen.recv().unwrap().body).unwrap();
    let named = ["r0", "r1", "r2"];
    let named = named.iter().enumerate().map(|(id, it)| (id.to_string(), it));
    let entry = |(id, receipt)| json!({"Id": id, "ReceiptHandle": receipt});
    assert_eq!(entries()["Entries"], named.clone().map(entry).collect::<Value>());
    let entry =
        |(id, receipt)| json!({"Id": id, "ReceiptHandle": receipt, "VisibilityTimeout": 90});
    assert_eq!(entries()["Entries"], named.map(entry).collect::<Value>());
}

#[tokio::test]
async fn a_deletion_over_a_connection_that_was_closed_meanwhile_comes_once() {
    let (inbox, seen) = inbox(&[SaysLast(200, MESSAGE), Says(200, ALL)]).await;
    assert_eq!(inbox.receive(10, 60).await.unwrap().len(), 1);
    assert_eq!(inbox.delete(&lends()).await.unwrap(), [Done; 3]);
    assert_eq!(actions(&seen), "0:receivemessage 1:deletemessagebatch");
}

#[tokio::test]
async fn an_answer_that_is_not_whole_is_not_an_empty_queue() {
    let half = &MESSAGE[..MESSAGE.len() / 2];
    for reply in [Breaks(MESSAGE), Says(200, half), Says(200, "<html>"), Says(200, NO_RECEIPT)] {
        let (inbox, _seen) = inbox(&[reply, Says(200, "{}"), Says(200, MESSAGE)]).await;
        assert!(matches!(inbox.receive(10, 60).await, Err(InboxTrouble::Retryable(_))));
        assert_eq!(inbox.receive(10, 60).await.unwrap(), []);
        assert_eq!(inbox.receive(10, 60).await.unwrap()[0].receipt, "r");
    }
}

#[tokio::test]
async fn trouble_of_any_call_may_pass() {
    // A connection that is new is not replaced within the call.
    for reply in [Says(503, "<html>"), Says(400, THROTTLED), HangsUp] {
        let terms = Says(200, r#"{"Attributes":{"VisibilityTimeout":"30"}}"#);
        let (first, _seen) = inbox(&[reply, terms]).await;
        assert!(matches!(first.terms().await, Err(InboxTrouble::Retryable(_))));
        assert_eq!(first.terms().await, Ok(Terms { visibility_secs: 30, redrives: false }));
        let (first, _seen) = inbox(&[reply, Says(200, ALL)]).await;
        assert!(matches!(first.delete(&lends()).await, Err(InboxTrouble::Retryable(_))));
        assert_eq!(first.delete(&lends()).await, Ok(vec![Done; 3]));
    }
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_refused_with_what_to_look_at() {
    let (inbox, _seen) = inbox(&[Says(400, NO_QUEUE)]).await;
    let refused = inbox.terms().await.unwrap_err();
    expect!["the queue refused: https://sqs.eu-central-1.amazonaws.com/123456789012/work: QueueDoesNotExist (400): none; is it the URL of a queue in this Region and account?"].assert_eq(&refused.to_string());
}

#[test]
fn a_queue_is_asked_where_its_url_says() {
    let host = host_of("https://sqs.eu-west-1.amazonaws.com/123456789012/work");
    assert_eq!(host, Some("https://sqs.eu-west-1.amazonaws.com"));
    assert_eq!(host_of("http://127.0.0.1:1"), Some("http://127.0.0.1:1"));
    assert_eq!(host_of("work"), None);
}
