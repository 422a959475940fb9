//! Which task this process is part of, by the task metadata endpoint version 4.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use longshore::config::{ConfigError, Variables};
use serde::Deserialize;

/// The endpoint is on the host itself.
const WAIT: Duration = Duration::from_secs(5);
const METADATA_URI: &str = "ECS_CONTAINER_METADATA_URI_V4";

/// The task is not known.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// This is not an ECS container.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The endpoint did not answer as documented.
    #[error("task metadata endpoint: {0}")]
    Endpoint(String),
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "TaskARN")]
    task_arn: String,
}

/// The ARN of the task whose container this is.
pub async fn task_arn(variables: &Variables) -> Result<String, TaskError> {
    let uri = format!("{}/task", variables.required(METADATA_URI)?);
    let fault = |words: &dyn std::fmt::Display| TaskError::Endpoint(format!("{uri}: {words}"));
    let client: Client<HttpConnector, Empty<Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let asked = client.get(uri.parse().map_err(|error: http::uri::InvalidUri| fault(&error))?);
    let answer = tokio::time::timeout(WAIT, asked).await.map_err(|error| fault(&error))?;
    let body = answer.map_err(|error| fault(&error))?.into_body().collect().await;
    let body = body.map_err(|error| fault(&error))?.to_bytes();
    let metadata: Metadata = serde_json::from_slice(&body).map_err(|error| fault(&error))?;
    Ok(metadata.task_arn)
}
