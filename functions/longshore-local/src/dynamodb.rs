//! DynamoDB: the `dynoxide` engine behind its own HTTP server on loopback, and a proxy to it.
//!
//! Requests pass through unread, so that what is validated on the wire is validated there. The
//! engine blocks the thread it runs on while `SQLite` works, so it has one of its own.
//!
//! ```text
//! gateway ─Request─▶ proxy ─loopback─▶ engine (own thread) ─▶ SQLite in memory or dynamodb.sqlite
//! ```

mod engine;

#[cfg(test)]
mod tests;

use std::{
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use bytes::Bytes;
use dynoxide::Database;
use http::{HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE, uri::Authority};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{Uri, body::Incoming};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use self::engine::Engine;

use crate::{Clock, Fault, Ground, template::TableSpec};

/// How often expired items are removed. AWS promises only "within a few days".
const TTL_SWEEP: Duration = Duration::from_mins(1);

/// How long an unused connection to the engine is kept.
const IDLE_MAX: Duration = Duration::from_mins(1);

type BoxError = Box<dyn Error + Send + Sync>;
type Body = BoxBody<Bytes, BoxError>;

/// The tables of this AWS.
pub(crate) struct DynamoDb {
    database: Database,
    is_swept: bool,
    authority: Authority,
    client: Client<HttpConnector, Body>,
    running: Mutex<Option<Running>>,
}

struct Running {
    engine: Engine,
    sweeping: JoinSet<()>,
}

impl std::fmt::Debug for DynamoDb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DynamoDb").field("authority", &self.authority).finish_non_exhaustive()
    }
}

impl DynamoDb {
    /// Starts the engine: on `dynamodb.sqlite` in the data directory when state is kept, else in
    /// memory. Must be called within a tokio runtime.
    pub(crate) fn open(ground: &Ground) -> Result<Arc<Self>, Fault> {
        let database = engine::database(ground)?;
        let engine = Engine::start(database.clone())?;
        let authority =
            Authority::try_from(engine.address.to_string()).map_err(|error| broken(&error))?;
        let running = Mutex::new(None);
        let is_swept = engine::knows_the_time(ground);
        let dynamodb = Arc::new(Self { database, is_swept, authority, client: client(), running });
        let mut sweeping = JoinSet::new();
        sweeping.spawn(sweep(Arc::downgrade(&dynamodb), ground.clock));
        *dynamodb.running() = Some(Running { engine, sweeping });
        Ok(dynamodb)
    }

    /// Serves one request as the engine answers it.
    pub(crate) async fn serve(&self, request: Request<Incoming>) -> Response<Body> {
        let request = request.map(|body| body.map_err(BoxError::from).boxed());
        match self.pass(request).await {
            Ok(response) => response,
            Err(error) => refusal(&error),
        }
    }

    /// Makes a table, or keeps the one of that name, and enables its TTL.
    pub(crate) async fn create(&self, spec: &TableSpec) -> Result<(), Fault> {
        match self.call("CreateTable", &spec.create).await {
            Ok(_) => {}
            Err(fault) if fault.code == "ResourceInUseException" => {}
            Err(fault) => return Err(fault),
        }
        let Some(attribute) = &spec.ttl_attribute else { return Ok(()) };
        let described = self.call("DescribeTimeToLive", &json!({"TableName": spec.name})).await?;
        if described["TimeToLiveDescription"]["AttributeName"] == attribute.as_str() {
            return Ok(());
        }
        let specification = json!({"Enabled": true, "AttributeName": attribute});
        let enable = json!({"TableName": spec.name, "TimeToLiveSpecification": specification});
        self.call("UpdateTimeToLive", &enable).await.map(drop)
    }

    /// Removes the items that have expired and returns how many these were; none where the time is
    /// not known by which they expire.
    pub(crate) async fn sweep_ttl(&self) -> Result<usize, Fault> {
        if !self.is_swept {
            return Ok(0);
        }
        let database = self.database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        swept.map_err(|error| broken(&error))?.map_err(|error| broken(&error))
    }

    /// Ends the engine after the requests it is working on.
    pub(crate) async fn stop(&self) {
        let Some(running) = self.running().take() else { return };
        let Running { engine, mut sweeping } = running;
        sweeping.shutdown().await;
        engine.stop().await;
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass(&self, mut request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = Uri::builder()
            .scheme("http")
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()?;
        *request.version_mut() = http::Version::HTTP_11;
        let response = self.client.request(request).await?;
        Ok(response.map(|body| body.map_err(BoxError::from).boxed()))
    }

    /// Calls the engine over the wire, as an SDK does.
    async fn call(&self, operation: &str, input: &Value) -> Result<Value, Fault> {
        let body = Full::new(Bytes::from(input.to_string())).map_err(|never| match never {});
        let request = Request::post("/")
            .header(CONTENT_TYPE, "application/x-amz-json-1.0")
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("x-amz-date", "20260101T000000Z")
            .header(http::header::AUTHORIZATION, SIGNED)
            .body(body.boxed())
            .map_err(|error| broken(&error))?;
        let response = self.pass(request).await.map_err(|error| broken(&error))?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|error| broken(&error))?;
        let output: Value = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
        if status.is_success() {
            return Ok(output);
        }
        let text = |name: &str| output[name].as_str().unwrap_or_default();
        let code = text("__type").rsplit('#').next().unwrap_or_default();
        let message = if text("message").is_empty() { text("Message") } else { text("message") };
        let mut fault = Fault::client(code, message);
        fault.status = status.as_u16();
        Err(fault)
    }
}

/// The engine wants the parts of a signature, and verifies none.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, \
                      SignedHeaders=host, Signature=0";

fn client() -> Client<HttpConnector, Body> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_MAX)
        .build(connector)
}

async fn sweep(dynamodb: Weak<DynamoDb>, clock: Clock) {
    loop {
        clock.sleep(TTL_SWEEP).await;
        let Some(dynamodb) = dynamodb.upgrade() else { return };
        if let Err(fault) = dynamodb.sweep_ttl().await {
            tracing::warn!(%fault, "expired items stay for now");
        }
    }
}

fn broken(error: &impl std::fmt::Display) -> Fault {
    Fault::server(format!("DynamoDB: {error}"))
}

fn refusal(error: &BoxError) -> Response<Body> {
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
        "message": format!("the engine did not answer: {error}"),
    });
    let body = Full::new(Bytes::from(body.to_string())).map_err(|never| match never {});
    let mut response = Response::new(body.boxed());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let json = HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
