//! `BatchWriteItem`, spoken by hand: a batch is bytes already, and goes over the wire as it is.
//!
//! The SDK would want a map of values per item, which costs several times all the rest of the
//! worker. Credentials, Region and endpoint are the SDK's.

mod answer;

#[cfg(test)]
mod tests;

use std::time::Duration;

use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use bytes::Bytes;
use http::Uri;
use longshore::ingest::{Batch, KeySchema, Unprocessed};
use longshore_engine::ports::{Table, TableTrouble};

use crate::{
    Clients, WireError,
    wire::{Unserved, Wire},
};

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
    wire: Wire,
}

const TARGET: &str = "DynamoDB_20120810.BatchWriteItem";
const AFTER: &[u8] = b"]}}";

impl BatchWriter {
    /// For the table `table` with the primary key `key`.
    pub async fn new(clients: &Clients, table: &str, key: KeySchema) -> Result<Self, WireError> {
        let endpoint = endpoint(clients).await?;
        let wire = Wire::new(clients, endpoint, "dynamodb")?;
        let mut before = b"{\"RequestItems\":{".to_vec();
        before.extend_from_slice(serde_json::Value::from(table).to_string().as_bytes());
        before.extend_from_slice(b":[");
        Ok(Self { table: table.to_owned(), key, before, wire })
    }

    async fn call(&self, batch: &Batch) -> Result<Unprocessed, TableTrouble> {
        let body = Bytes::from([&self.before, batch.bytes(), AFTER].concat());
        match self.wire.call(TARGET, body).await {
            Ok(answer) => Ok(Unprocessed::read(&answer, batch, &self.key)),
            // What was written all the same is written again.
            Err(Unserved::Silence(words) | Unserved::Lost(words)) => {
                Err(TableTrouble::Retryable(words))
            }
            Err(Unserved::Unsignable(words)) => Err(TableTrouble::Rejected(words)),
            Err(Unserved::Refused(refusal)) => Err(answer::trouble(&refusal, &self.table)),
        }
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
async fn endpoint(clients: &Clients) -> Result<Uri, WireError> {
    let fault = |words: String| WireError::Endpoint(words);
    let sdk = clients.sdk();
    let region = sdk.region().ok_or(WireError::Settings("no Region"))?;
    let mut params = Params::builder().region(region.to_string());
    if let Some(url) = sdk.endpoint_url() {
        params = params.endpoint(url);
    }
    let params = params.build().map_err(|error| fault(error.to_string()))?;
    let resolved = DefaultResolver::new().resolve_endpoint(&params).await;
    let resolved = resolved.map_err(|error| fault(error.to_string()))?;
    resolved.url().parse().map_err(|error: http::uri::InvalidUri| fault(error.to_string()))
}
