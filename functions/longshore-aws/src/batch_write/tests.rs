//! The client against an endpoint that says what it is told to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use longshore::config::Variables;
use longshore::ingest::{Batch, Format, Items, KeySchema, Step};
use longshore_engine::ports::{Table, TableTrouble};

use super::BatchWriter;
use crate::Clients;

/// A request as the endpoint saw it: which connection, its head in lower case, its body.
struct Seen {
    connection: usize,
    head: String,
    body: String,
}

/// Answers every call with the next of `answers`; an empty one closes the connection instead.
fn endpoint(answers: Vec<(u16, &'static str)>) -> (String, mpsc::Receiver<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (seen, calls) = mpsc::channel();
    thread::spawn(move || {
        let mut answers = answers.into_iter();
        for (connection, stream) in listener.incoming().enumerate() {
            if !serve(connection, &stream.unwrap(), &mut answers, &seen) {
                return;
            }
        }
    });
    (url, calls)
}

/// Serves one connection; `false` when there is nothing left to say.
fn serve(
    connection: usize,
    stream: &TcpStream,
    answers: &mut impl Iterator<Item = (u16, &'static str)>,
    seen: &mpsc::Sender<Seen>,
) -> bool {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return true;
            }
        }
        let head = head.to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        seen.send(Seen { connection, head, body }).unwrap();
        let Some((status, answer)) = answers.next() else { return false };
        if answer.is_empty() {
            return true;
        }
        let length = answer.len();
        let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\n\r\n{answer}");
        let mut stream = stream;
        stream.write_all(answer.as_bytes()).unwrap();
    }
}

async fn writer(url: &str) -> BatchWriter {
    let variables: Variables = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    let clients = Clients::connect(&variables).await.unwrap();
    BatchWriter::new(&clients, "rows", key()).await.unwrap()
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
    let (url, calls) = endpoint(vec![(200, NOTHING), (200, NOTHING)]);
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
    let (url, _calls) = endpoint(vec![(200, left)]);
    let unprocessed = writer(&url).await.write(&batch()).await.unwrap();
    assert_eq!((unprocessed.contains(0), unprocessed.contains(1)), (false, true));
}

#[tokio::test]
async fn a_connection_that_breaks_is_retryable_and_replaced() {
    let (url, calls) = endpoint(vec![(200, NOTHING), (200, ""), (200, NOTHING)]);
    let writer = writer(&url).await;
    assert!(writer.write(&batch()).await.is_ok());
    assert!(matches!(writer.write(&batch()).await, Err(TableTrouble::Retryable(_))));
    assert!(writer.write(&batch()).await.is_ok());
    let connections: Vec<usize> = calls.iter().take(3).map(|call| call.connection).collect();
    assert_eq!(connections, [0, 0, 1]);
}

#[tokio::test]
async fn a_refusal_keeps_the_connection() {
    let refused = r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}"#;
    let (url, calls) = endpoint(vec![(400, refused), (200, NOTHING)]);
    let writer = writer(&url).await;
    let error = writer.write(&batch()).await.unwrap_err();
    assert_eq!(error, TableTrouble::Invalid("ValidationException (400): no".into()));
    assert!(writer.write(&batch()).await.is_ok());
    assert!(calls.iter().take(2).all(|call| call.connection == 0));
}

#[tokio::test]
async fn nobody_there_is_retryable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert!(matches!(writer(&url).await.write(&batch()).await, Err(TableTrouble::Retryable(_))));
}
