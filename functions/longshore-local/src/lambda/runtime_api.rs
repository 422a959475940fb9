//! The Lambda Runtime API of one function instance, which the function's process asks for events.
//!
//! Each instance has a listener of its own, because `AWS_LAMBDA_RUNTIME_API` names a host and a
//! port and most runtimes take no path. Payloads pass byte for byte in both directions: a parser
//! between would round large numbers.
//!
//! ```text
//! pool ─offer─▶ desk ◀─GET next── process ─POST response or error─▶ desk ─answer─▶ pool
//! ```

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
    time::{Instant, sleep},
};

use super::ids;
use crate::Clock;

/// Bytes of a response at most: 6 MB and an envelope (Lambda quotas).
pub(super) const RESPONSE_BYTES_MAX: usize = 6_291_556;

/// How long accepting rests after it failed, lest it spin while descriptors are short.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// An invocation laid out for the process to fetch.
#[derive(Debug)]
pub(super) struct Offer {
    /// Request id, a UUID.
    pub(super) request_id: String,
    /// What was invoked.
    pub(super) function_arn: String,
    /// How long the process has from the moment it fetches this.
    pub(super) timeout: Duration,
    /// The event.
    pub(super) payload: Bytes,
    /// Told the deadline when the process fetches this.
    pub(super) fetched: oneshot::Sender<Instant>,
    /// Told what the process posts.
    pub(super) answer: oneshot::Sender<Answer>,
}

/// What the process made of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A response.
    Response(Bytes),
    /// A function error, as the runtime describes it.
    Error(Bytes),
    /// A response above [`RESPONSE_BYTES_MAX`].
    TooLarge,
}

/// Where the pool lays out invocations and the process fetches and answers them.
#[derive(Debug)]
pub(super) struct Desk {
    offers: mpsc::Sender<Offer>,
    waiting: tokio::sync::Mutex<mpsc::Receiver<Offer>>,
    open: Mutex<Option<(String, oneshot::Sender<Answer>)>>,
    init_error: watch::Sender<Option<Bytes>>,
}

impl Desk {
    pub(super) fn new() -> Self {
        // An instance works on one invocation at a time.
        let (offers, waiting) = mpsc::channel(1);
        Self {
            offers,
            waiting: tokio::sync::Mutex::new(waiting),
            open: Mutex::new(None),
            init_error: watch::Sender::new(None),
        }
    }

    /// Lays out an invocation.
    pub(super) async fn offer(&self, offer: Offer) {
        // The receiver lives as long as the desk, so there is always somebody to take it.
        drop(self.offers.send(offer).await);
    }

    /// Waits until the process reports that its initialization failed.
    pub(super) async fn init_failed(&self) -> Bytes {
        let mut error = self.init_error.subscribe();
        match error.wait_for(Option::is_some).await.map(|error| error.clone()) {
            Ok(Some(body)) => body,
            _ => std::future::pending().await,
        }
    }

    async fn route(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let Some(rest) = path.strip_prefix("/2018-06-01/runtime/") else {
            return refusal(StatusCode::NOT_FOUND, "InvalidPath", "no such resource");
        };
        let parts: Vec<&str> = rest.split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => {
                let answer = read(request).await.map(Answer::Response);
                self.answer(id, answer)
            }
            (&Method::POST, ["invocation", id, "error"]) => {
                let answer = read(request).await.map(Answer::Error);
                self.answer(id, answer)
            }
            (&Method::POST, ["init", "error"]) => {
                let body = read(request).await.unwrap_or_default();
                self.init_error.send_replace(Some(body));
                accepted()
            }
            _ => refusal(StatusCode::NOT_FOUND, "InvalidPath", "no such resource"),
        }
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        let Some(offer) = self.waiting.lock().await.recv().await else {
            return refusal(StatusCode::GONE, "InstanceEnded", "the instance is ending");
        };
        let deadline_ms = deadline_ms(offer.timeout);
        let response = Response::builder()
            .header(CONTENT_TYPE, "application/json")
            .header("Lambda-Runtime-Aws-Request-Id", &offer.request_id)
            .header("Lambda-Runtime-Deadline-Ms", deadline_ms)
            .header("Lambda-Runtime-Invoked-Function-Arn", &offer.function_arn)
            .header("Lambda-Runtime-Trace-Id", ids::trace_id())
            .body(Full::new(offer.payload));
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((offer.request_id, offer.answer));
        // The pool has given up on an invocation whose fetching it no longer awaits.
        offer.fetched.send(Instant::now() + offer.timeout).ok();
        response.unwrap_or_else(|_| {
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "cannot write the headers")
        })
    }

    fn answer(&self, id: &str, answer: Result<Answer, Unread>) -> Response<Full<Bytes>> {
        let (answer, response) = match answer {
            Ok(answer) => (answer, accepted()),
            Err(Unread::TooLarge) => {
                let response = refusal(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "RequestEntityTooLarge",
                    "the response exceeds 6 MB",
                );
                (Answer::TooLarge, response)
            }
            Err(Unread::Broken) => {
                return refusal(StatusCode::BAD_REQUEST, "BadRequest", "the body broke off");
            }
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.take_if(|(open, _)| open == id) {
            Some((_, waiting)) => {
                drop(waiting.send(answer));
                response
            }
            None => refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
        }
    }
}

/// Serves the Runtime API to one process until it is dropped.
pub(super) async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&desk)));
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn converse(stream: TcpStream, desk: Arc<Desk>) {
    // Without it the answer is late, not wrong.
    drop(stream.set_nodelay(true));
    let service = service_fn(|request| async { Ok::<_, Infallible>(desk.route(request).await) });
    // A process that ends breaks its connection; its end is noticed elsewhere.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

enum Unread {
    TooLarge,
    Broken,
}

async fn read(request: Request<Incoming>) -> Result<Bytes, Unread> {
    let body = Limited::new(request.into_body(), RESPONSE_BYTES_MAX).collect().await;
    body.map(http_body_util::Collected::to_bytes).map_err(|error| {
        if error.is::<LengthLimitError>() { Unread::TooLarge } else { Unread::Broken }
    })
}

/// The deadline on the machine's clock, because the process compares it with that one.
fn deadline_ms(timeout: Duration) -> i64 {
    let timeout = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX);
    Clock::system().now_ms().saturating_add(timeout)
}

fn accepted() -> Response<Full<Bytes>> {
    status(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.into())
}

fn refusal(code: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    let body = serde_json::json!({"errorType": kind, "errorMessage": message});
    status(code, body.to_string())
}

fn status(code: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = code;
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}
