//! The client against an endpoint that says what it is told to.

use longshore::ingest::{Batch, Format, Items, KeySchema, Step};
use longshore_engine::ports::{Table, TableTrouble};

use super::BatchWriter;
use crate::wire::endpoint::{
    Reply::{HangsUp, Says},
    clients, endpoint, nowhere,
};

async fn writer(url: &str) -> BatchWriter {
    BatchWriter::new(&clients(url).await, "rows", key()).await.unwrap()
}

fn key() -> KeySchema {
    "id".parse().unwrap()
}

fn batch() -> Batch {
    let (mut items, mut batch) = (Items::new(Format::Csv, key()), Batch::default());
    let mut input = &b"id\na\nb\n"[..];
    while let Step::Item(item) = items.next(&mut input, true).unwrap() {
        batch.push(&item);
    }
    batch
}

const NOTHING: &str = "{\"UnprocessedItems\":{}}";

#[tokio::test]
async fn a_call_is_the_batch_signed_on_a_connection_that_stays() {
    let (url, calls) = endpoint(vec![Says(200, NOTHING); 2]);
    let writer = writer(&url).await;
    for _ in 0..2 {
        assert!(writer.write(&batch()).await.unwrap().is_empty());
    }
    let (first, second) = (calls.recv().unwrap(), calls.recv().unwrap());
    assert_eq!((first.connection, second.connection), (0, 0));
    let expected = r#"{"RequestItems":{"rows":[{"PutRequest":{"Item":{"id":{"S":"a"}}}},{"PutRequest":{"Item":{"id":{"S":"b"}}}}]}}"#;
    assert_eq!(first.body, expected);
    for part in [
        "post / http/1.1\r\n",
        &format!("host: {}\r\n", url.trim_start_matches("http://")),
        "content-type: application/x-amz-json-1.0\r\n",
        "x-amz-target: dynamodb_20120810.batchwriteitem\r\n",
        "x-amz-security-token: token\r\n",
        "/eu-central-1/dynamodb/aws4_request, signedheaders=content-type;host;x-amz-date;",
    ] {
        assert!(first.head.contains(part), "{part} is not in {}", first.head);
    }
}

#[tokio::test]
async fn what_is_left_unprocessed_is_told() {
    let left = r#"{"UnprocessedItems":{"rows":[{"PutRequest":{"Item":{"id":{"S":"b"}}}}]}}"#;
    let (url, _calls) = endpoint(vec![Says(200, left)]);
    let unprocessed = writer(&url).await.write(&batch()).await.unwrap();
    assert_eq!((unprocessed.contains(0), unprocessed.contains(1)), (false, true));
}

#[tokio::test]
async fn a_connection_that_breaks_is_retryable_and_replaced() {
    let (url, calls) = endpoint(vec![HangsUp, Says(200, NOTHING)]);
    let writer = writer(&url).await;
    assert!(matches!(writer.write(&batch()).await, Err(TableTrouble::Retryable(_))));
    assert!(writer.write(&batch()).await.is_ok());
    let connections: Vec<usize> = calls.iter().map(|call| call.connection).take(2).collect();
    assert_eq!(connections, [0, 1]);
}

#[tokio::test]
async fn a_refusal_keeps_the_connection() {
    let refused = r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}"#;
    let (url, calls) = endpoint(vec![Says(400, refused), Says(200, NOTHING)]);
    let writer = writer(&url).await;
    let error = writer.write(&batch()).await.unwrap_err();
    assert_eq!(error, TableTrouble::Invalid("ValidationException (400): no".into()));
    assert!(writer.write(&batch()).await.is_ok());
    assert!(calls.iter().take(2).all(|call| call.connection == 0));
}

#[tokio::test]
async fn nobody_there_is_retryable() {
    let answer = writer(&nowhere()).await.write(&batch()).await;
    assert!(matches!(answer, Err(TableTrouble::Retryable(_))));
}
