//! One HTTP/1.1 connection, plain or TLS, with one call at a time.
//!
//! The connection is polled together with the call, so nothing is spawned and nothing outlives it.

use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::service::Service;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;

use super::{Unserved, WireError};
use crate::Clients;

/// Longest wait for a TCP connection.
const CONNECT_SECS: u64 = 3;
/// Longest answer: the unprocessed items of the largest `BatchWriteItem`.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

type Io = MaybeHttpsStream<TokioIo<TcpStream>>;
type Driver = Pin<Box<http1::Connection<Io, Full<Bytes>>>>;

/// Makes connections to one endpoint.
#[derive(Debug)]
pub(super) struct Connector {
    endpoint: Uri,
    https: TowerToHyperService<HttpsConnector<HttpConnector>>,
}

impl Connector {
    pub(super) fn new(endpoint: Uri, clients: &Clients) -> Result<Self, WireError> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(Duration::from_secs(CONNECT_SECS)));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(clients.tls()?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        Ok(Self { endpoint, https: TowerToHyperService::new(https) })
    }

    pub(super) async fn connect(&self) -> Result<Connection, String> {
        let fault = |words: String| format!("connecting to {}: {words}", self.endpoint);
        let io = self.https.call(self.endpoint.clone()).await;
        let io = io.map_err(|error| fault(error.to_string()))?;
        let (calls, driver) =
            http1::handshake(io).await.map_err(|error| fault(error.to_string()))?;
        Ok(Connection { calls, driver: Some(Box::pin(driver)) })
    }
}

/// One open connection.
#[derive(Debug)]
pub(super) struct Connection {
    calls: SendRequest<Full<Bytes>>,
    /// Until it has ended.
    driver: Option<Driver>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

impl Connection {
    /// Sends `request` and reads the whole answer.
    pub(super) async fn call(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, Unserved> {
        let Self { calls, driver } = self;
        let begins = async {
            calls.ready().await?;
            calls.send_request(request).await
        };
        let answer = driven(driver, begins).await.map_err(Unserved::Silence)?;
        let status = answer.status();
        let ends = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect();
        let body = driven(driver, ends).await.map_err(Unserved::Lost)?.to_bytes();
        Ok(Answer { status, body })
    }
}

/// What comes of `part`, while the connection is driven.
async fn driven<T, E: Display>(
    driver: &mut Option<Driver>,
    part: impl Future<Output = Result<T, E>>,
) -> Result<T, String> {
    let mut part = pin!(part);
    let said = |done: Result<T, E>| done.map_err(|error| error.to_string());
    poll_fn(|context| {
        if let Poll::Ready(done) = part.as_mut().poll(context) {
            return Poll::Ready(said(done));
        }
        if let Some(open) = driver
            && open.as_mut().poll(context).is_ready()
        {
            *driver = None;
        }
        match part.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(said(done)),
            Poll::Pending if driver.is_none() => {
                Poll::Ready(Err("the connection was closed".to_owned()))
            }
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
