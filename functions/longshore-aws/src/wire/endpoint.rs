//! A service on loopback that says what it is told to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use longshore::config::Variables;

use crate::Clients;

/// What becomes of a call.
#[derive(Clone, Copy)]
pub(crate) enum Reply {
    /// It is answered with this status and body, and the connection stays.
    Says(u16, &'static str),
    /// The same, and then the connection is closed.
    SaysLast(u16, &'static str),
    /// It is answered with half of the body that was announced, and the connection is closed.
    Breaks(&'static str),
    /// The connection is closed without a word.
    HangsUp,
}

/// A call as the endpoint saw it: over which connection, its head in lower case, its body.
pub(crate) struct Seen {
    pub(crate) connection: usize,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Replies to every call with the next of `replies`; where it is, and what it saw.
pub(crate) fn endpoint(replies: Vec<Reply>) -> (String, mpsc::Receiver<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (seen, calls) = mpsc::channel();
    thread::spawn(move || {
        let mut replies = replies.into_iter();
        for (connection, stream) in listener.incoming().enumerate() {
            while let Some((head, body)) = read(stream.as_ref().unwrap()) {
                let Some(reply) = replies.next() else { return };
                seen.send(Seen { connection, head, body }).unwrap();
                if !say(stream.as_ref().unwrap(), reply) {
                    break;
                }
            }
        }
    });
    (url, calls)
}

/// Head and body of the next call, unless the client has closed the connection.
fn read(stream: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return None;
        }
    }
    let head = head.to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    Some((head, String::from_utf8(body).unwrap()))
}

/// Whether the connection stays.
fn say(mut stream: &TcpStream, reply: Reply) -> bool {
    let (status, announced, body) = match reply {
        Reply::Says(status, body) | Reply::SaysLast(status, body) => (status, body.len(), body),
        Reply::Breaks(body) => (200, body.len(), &body[..body.len() / 2]),
        Reply::HangsUp => return false,
    };
    let head = format!("HTTP/1.1 {status} Said\r\ncontent-length: {announced}\r\n\r\n");
    stream.write_all((head + body).as_bytes()).unwrap();
    matches!(reply, Reply::Says(..))
}

/// Where nobody listens.
pub(crate) fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Clients of the endpoint `url`.
pub(crate) async fn clients(url: &str) -> Clients {
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
    Clients::connect(&variables).await.unwrap()
}
