//! `BatchWriteItem`, spoken by hand: a batch is bytes already, and goes over the wire as it is.
//!
//! The SDK would want a map of values per item, which costs several times all the rest of the
//! worker. Credentials, Region and endpoint are the SDK's.

mod answer;
pub(crate) mod connection;
pub(crate) mod sign;

#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use bytes::Bytes;
use connection::{Connection, Connector};
use http::Uri;
use longshore::ingest::{Batch, KeySchema, Unprocessed};
use longshore_engine::ports::{Table, TableTrouble};
use sign::{Signer, SignerError};

use crate::{Clients, ClientsError};

/// Longest call, connecting included. Far below the lease of a run (110 s), so that a call of an
/// execution that lost its run is over before its successor writes.
const CALL_SECS: u64 = 20;

/// Writes batches to one table, over one connection per batch in flight.
#[derive(Debug)]
pub struct BatchWriter {
    table: String,
    key: KeySchema,
    /// `{"RequestItems":{"table":[`
    before: Vec<u8>,
    connector: Connector,
    signer: Signer,
    idle: Mutex<Vec<Connection>>,
}

const TARGET: &str = "DynamoDB_20120810.BatchWriteItem";
const AFTER: &[u8] = b"]}}";

/// The writer cannot be made; nothing was called yet.
#[derive(Debug, thiserror::Error)]
pub enum BatchWriterError {
    /// TLS cannot be used.
    #[error(transparent)]
    Clients(#[from] ClientsError),
    /// There is nowhere to write to.
    #[error("the DynamoDB endpoint cannot be used: {0}")]
    Endpoint(String),
    /// There is nobody to sign for.
    #[error("{0}; set AWS_REGION, and credentials or a task role")]
    Settings(&'static str),
}

impl BatchWriter {
    /// For the table `table` with the primary key `key`.
    pub async fn new(
        clients: &Clients,
        table: &str,
        key: KeySchema,
    ) -> Result<Self, BatchWriterError> {
        let endpoint = endpoint(clients).await?;
        let connector = Connector::new(endpoint.clone(), clients)?;
        let signer = Signer::new(clients.sdk(), &endpoint, "dynamodb")?;
        let mut before = b"{\"RequestItems\":{".to_vec();
        before.extend_from_slice(serde_json::Value::from(table).to_string().as_bytes());
        before.extend_from_slice(b":[");
        let (table, idle) = (table.to_owned(), Mutex::default());
        Ok(Self { table, key, before, connector, signer, idle })
    }

    async fn call(&self, batch: &Batch) -> Result<Unprocessed, TableTrouble> {
        let body = Bytes::from([&self.before, batch.bytes(), AFTER].concat());
        let request = self.signer.request(TARGET, body).await.map_err(|error| match error {
            SignerError::Credentials(words) => TableTrouble::Retryable(words),
            SignerError::Request(words) => TableTrouble::Rejected(words),
        })?;
        let mut connection = match self.take_idle() {
            Some(connection) => connection,
            None => self.connector.connect().await.map_err(TableTrouble::Retryable)?,
        };
        // A connection that failed is dropped here; what it may have written is written again.
        let answer = connection.call(request).await.map_err(TableTrouble::Retryable)?;
        self.idle().push(connection);
        if answer.status.is_success() {
            return Ok(Unprocessed::read(&answer.body, batch, &self.key));
        }
        let failure = answer::Failure::read(answer.status, &answer.body);
        if failure.is_expired() {
            self.signer.forget();
        }
        Err(failure.trouble(&self.table))
    }

    fn take_idle(&self) -> Option<Connection> {
        self.idle().pop()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table for BatchWriter {
    async fn write(&self, batch: &Batch) -> Result<Unprocessed, TableTrouble> {
        let call = tokio::time::timeout(Duration::from_secs(CALL_SECS), self.call(batch));
        call.await.unwrap_or_else(|_| {
            Err(TableTrouble::Retryable(format!("no answer within {CALL_SECS} s")))
        })
    }
}

/// The endpoint that was configured, or the one of the Region by the SDK's own rules.
async fn endpoint(clients: &Clients) -> Result<Uri, BatchWriterError> {
    let fault = |words: String| BatchWriterError::Endpoint(words);
    let sdk = clients.sdk();
    let region = sdk.region().ok_or(BatchWriterError::Settings("no Region"))?;
    let mut params = Params::builder().region(region.to_string());
    if let Some(url) = sdk.endpoint_url() {
        params = params.endpoint(url);
    }
    let params = params.build().map_err(|error| fault(error.to_string()))?;
    let resolved = DefaultResolver::new().resolve_endpoint(&params).await;
    let resolved = resolved.map_err(|error| fault(error.to_string()))?;
    resolved.url().parse().map_err(|error: http::uri::InvalidUri| fault(error.to_string()))
}
