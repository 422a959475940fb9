//! An outage of what a task needs to begin is not a failure of its work: it waits, and no attempt is
//! spent.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::stand::{PROGRAM, Stand, Template};

/// Requests that meet no endpoint at first: more than one call of the SDK makes.
const AWAY: usize = 8;
/// Of all later requests, each of this number meets none either.
const AWAY_EVERY: usize = 3;
/// Not long: the SDK asks anew before credentials are no longer good.
const GOOD_FOR: SignedDuration = SignedDuration::from_secs(9);

/// The credentials endpoint of a container (Amazon ECS: task IAM role).
struct Endpoint {
    uri: String,
    requests: Arc<AtomicUsize>,
}

impl Endpoint {
    async fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/credentials", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let nth = counted.fetch_add(1, SeqCst);
                if nth >= AWAY && !nth.is_multiple_of(AWAY_EVERY) {
                    answer(stream).await;
                }
            }
        });
        Self { uri, requests }
    }
}

/// Answers one request; the client may be gone.
async fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await.is_ok_and(|read| read > 0) {
            continue;
        }
        return;
    }
    let credentials = json!({
        "AccessKeyId": "test", "SecretAccessKey": "test", "Token": "test",
        "Expiration": (Timestamp::now() + GOOD_FOR).to_string(),
    })
    .to_string();
    let length = credentials.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n"
    );
    drop(stream.write_all((head + &credentials).as_bytes()).await);
}

/// An upload whose task does its `work` with credentials of the endpoint; how often it asked.
async fn waits_for_credentials(work: &str) -> usize {
    let endpoint = Endpoint::serve().await;
    let task = format!(
        "WorkerTask=env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY \
         AWS_CONTAINER_CREDENTIALS_FULL_URI={} {PROGRAM} {work}",
        endpoint.uri
    );
    let stand = Stand::of(&Template::of_repository().one_attempt(), &["--task", &task]);
    stand.upload("early.csv", "id\n1\n").await;
    let run = stand.ended("early.csv").await;
    assert_eq!(run.state(), "succeeded", "{run:?}");
    assert_eq!(run.text(&["att"]), "1");
    endpoint.requests.load(SeqCst)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_waits_until_there_are_credentials_and_renews_them() {
    let requests = waits_for_credentials("worker").await;
    assert!(requests > AWAY + AWAY_EVERY, "{requests} requests: old credentials were used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_not_begun_before_there_are_credentials() {
    let requests = waits_for_credentials("exec -- true").await;
    assert!(requests > AWAY, "{requests} requests are no outage");
}
