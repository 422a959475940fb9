//! One HTTP/1.1 connection, plain or TLS, with one call at a time.
//!
//! The connection is polled together with the call, so nothing is spawned and nothing outlives it.

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

use super::BatchWriterError;
use crate::Clients;

/// Longest wait for a TCP connection.
const CONNECT_SECS: u64 = 3;
/// Longest answer: the unprocessed items of the largest call.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

type Io = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes connections to one endpoint.
#[derive(Debug)]
pub(crate) struct Connector {
    endpoint: Uri,
    https: TowerToHyperService<HttpsConnector<HttpConnector>>,
}

impl Connector {
    pub(crate) fn new(endpoint: Uri, clients: &Clients) -> Result<Self, BatchWriterError> {
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

    pub(crate) async fn connect(&self) -> Result<Connection, String> {
        let fault = |words: String| format!("connecting to {}: {words}", self.endpoint);
        let io = self.https.call(self.endpoint.clone()).await;
        let io = io.map_err(|error| fault(error.to_string()))?;
        let (calls, driver) =
            http1::handshake(io).await.map_err(|error| fault(error.to_string()))?;
        Ok(Connection { calls, driver: Box::pin(driver) })
    }
}

/// One open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    calls: SendRequest<Full<Bytes>>,
    driver: Pin<Box<http1::Connection<Io, Full<Bytes>>>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Connection {
    /// Sends `request` and reads the whole answer.
    pub(crate) async fn call(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let Self { calls, driver } = self;
        let mut exchange = pin!(async {
            calls.ready().await.map_err(|error| error.to_string())?;
            let answer = calls.send_request(request).await.map_err(|error| error.to_string())?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| error.to_string())?.to_bytes();
            Ok(Answer { status, body })
        });
        let mut open = true;
        poll_fn(|context| {
            if let Poll::Ready(answer) = exchange.as_mut().poll(context) {
                return Poll::Ready(answer);
            }
            if !open {
                return Poll::Ready(Err("the connection was closed".to_owned()));
            }
            open = driver.as_mut().poll(context).is_pending();
            exchange.as_mut().poll(context)
        })
        .await
    }
}
