//! A function whose runtime is played by the test: its command only says where the Runtime API is.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::{sync::broadcast, time::timeout};

use crate::{
    Account, Activity, Clock, Ground, Happening, Store, lambda::Lambda, template::FunctionSpec,
};

/// How long a test waits for what must come, before it fails.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Prints the Runtime API's address and the process id, then waits to be ended.
pub(super) const PLAYED: &str = "echo played $AWS_LAMBDA_RUNTIME_API $$; exec sleep 600";

/// An AWS in memory.
pub(super) fn ground(clock: Clock) -> Ground {
    Ground {
        account: Account::local("http://127.0.0.1:4566"),
        clock,
        store: Store::memory().unwrap(),
        activity: Activity::new(),
    }
}

/// The function `f`, which is this shell script.
pub(super) fn spec(script: &str) -> FunctionSpec {
    FunctionSpec {
        logical_id: "F".into(),
        name: "f".into(),
        arn: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
        environment: BTreeMap::new(),
        timeout_secs: 60,
        memory_mb: 128,
        concurrency_max: None,
        command: Some(["/bin/sh", "-c", script].map(String::from).into()),
    }
}

/// What was told, and what is awaited.
pub(super) struct Ear(broadcast::Receiver<(Timestamp, Happening)>);

impl Ear {
    pub(super) fn new(ground: &Ground) -> Self {
        Self(ground.activity.listen())
    }

    /// The next happening that `choose` takes.
    pub(super) async fn hear<T>(&mut self, choose: impl Fn(Happening) -> Option<T>) -> T {
        loop {
            let told = timeout(PATIENCE, self.0.recv()).await.expect("nothing more is told");
            if let Some(chosen) = choose(told.unwrap().1) {
                return chosen;
            }
        }
    }

    /// The next line that the function prints.
    pub(super) async fn line(&mut self) -> String {
        self.hear(|happening| match happening {
            Happening::Printed { line, .. } => Some(line),
            _ => None,
        })
        .await
    }

    /// The runtime of the instance that starts next.
    pub(super) async fn runtime(&mut self) -> Runtime {
        let line = self.line().await;
        let words: Vec<&str> = line.split(' ').collect();
        let ["played", api, pid] = words[..] else { panic!("{line}") };
        Runtime {
            api: api.into(),
            pid: Pid::from_raw(pid.parse().unwrap()).unwrap(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }
}

/// The runtime within a function's process, played.
pub(super) struct Runtime {
    api: String,
    pid: Pid,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Runtime {
    /// Fetches an invocation: its headers and its event.
    pub(super) async fn next(&self) -> (HeaderMap, Bytes) {
        let uri = self.uri("invocation/next");
        let request = Request::get(uri).body(Full::default()).unwrap();
        let (parts, body) = self.client.request(request).await.unwrap().into_parts();
        assert_eq!(parts.status, StatusCode::OK);
        (parts.headers, body.collect().await.unwrap().to_bytes())
    }

    /// Posts to `path` below `/2018-06-01/runtime/`.
    pub(super) async fn post(&self, path: &str, body: impl Into<Bytes>) -> StatusCode {
        let request = Request::post(self.uri(path)).body(Full::new(body.into())).unwrap();
        self.client.request(request).await.unwrap().status()
    }

    /// Fetches an invocation and answers it with `body`.
    pub(super) async fn answer(&self, body: impl Into<Bytes>) -> Bytes {
        let (headers, event) = self.next().await;
        let id = headers["lambda-runtime-aws-request-id"].to_str().unwrap();
        let status = self.post(&format!("invocation/{id}/response"), body).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        event
    }

    /// Ends the process as a crash would.
    pub(super) fn crash(&self) {
        kill_process(self.pid, Signal::SEGV).unwrap();
    }

    /// Whether the process still runs.
    pub(super) fn is_alive(&self) -> bool {
        test_kill_process(self.pid).is_ok()
    }

    fn uri(&self, path: &str) -> String {
        format!("http://{}/2018-06-01/runtime/{path}", self.api)
    }
}

/// A Lambda with the function of that script, and an ear in it.
pub(super) fn lambda(spec: FunctionSpec) -> (std::sync::Arc<Lambda>, Ground, Ear) {
    let ground = ground(Clock::system());
    let ear = Ear::new(&ground);
    let lambda = Lambda::open(ground.clone()).unwrap();
    lambda.create(spec).unwrap();
    (lambda, ground, ear)
}
