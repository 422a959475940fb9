//! Which task this process is part of, by the task metadata endpoint version 4.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use http::Uri;
use http_body_util::{BodyExt, Empty};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use longshore::config::Variables;
use serde::{Deserialize, de::DeserializeOwned};

/// Longest wait for one answer; the endpoint is on the host itself.
const WAIT: Duration = Duration::from_secs(2);
/// Tries, the first included: the endpoint of a task that has just started may not be up yet.
const TRIES_MAX: u32 = 4;
/// Wait between two tries.
const PAUSE: Duration = Duration::from_millis(500);
const METADATA_URI: &str = "ECS_CONTAINER_METADATA_URI_V4";

/// The task is not known.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// This is not a container of a task.
    #[error(
        "variable {METADATA_URI} is not set or no URL, so this is not a container of an ECS task; \
         ECS sets it on Fargate platform 1.4.0 and container agent 1.39.0 or later, and \
         `longshore dev` sets it on this machine"
    )]
    NotATask,
    /// The endpoint did not answer as documented; another try may work.
    #[error("task metadata endpoint: {0}")]
    Endpoint(String),
}

/// The task whose container this is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Task {
    /// Its ARN.
    #[serde(rename = "TaskARN")]
    pub arn: String,
    #[serde(default, rename = "Family")]
    family: Option<String>,
    #[serde(default, rename = "Revision")]
    revision: Option<String>,
    /// The service that it is a task of, if it is.
    #[serde(default, rename = "ServiceName")]
    pub service: Option<String>,
}

/// The container that asks.
#[derive(Deserialize)]
struct Container {
    #[serde(rename = "Name")]
    name: String,
}

impl Task {
    /// The ARN of its cluster; task ARNs of before 2018 do not name it.
    #[must_use]
    pub fn cluster(&self) -> Option<String> {
        let (before, task) = self.arn.split_once(":task/")?;
        let (cluster, _) = task.split_once('/')?;
        Some(format!("{before}:cluster/{cluster}"))
    }

    /// The ARN of its task definition, in the account and Region of the task.
    #[must_use]
    pub fn definition(&self) -> Option<String> {
        let (before, _) = self.arn.split_once(":task/")?;
        let (family, revision) = self.family.as_ref().zip(self.revision.as_ref())?;
        Some(format!("{before}:task-definition/{family}:{revision}"))
    }
}

/// The name of the container that this is, as its task definition has it.
pub async fn container(variables: &Variables) -> Result<String, TaskError> {
    let uri = variables.optional(METADATA_URI).and_then(|uri| uri.parse().ok());
    let container: Container = told(&uri.ok_or(TaskError::NotATask)?).await?;
    Ok(container.name)
}

/// The ARN of the task whose container this is.
pub async fn task_arn(variables: &Variables) -> Result<String, TaskError> {
    Ok(task(variables).await?.arn)
}

/// The task whose container this is.
pub async fn task(variables: &Variables) -> Result<Task, TaskError> {
    let uri = variables.optional(METADATA_URI).map(|uri| format!("{uri}/task"));
    told(&uri.and_then(|uri| uri.parse().ok()).ok_or(TaskError::NotATask)?).await
}

async fn told<T: DeserializeOwned>(uri: &Uri) -> Result<T, TaskError> {
    let mut tries = 1;
    loop {
        match ask(uri).await {
            Err(trouble) if tries < TRIES_MAX => {
                tracing::warn!(%uri, trouble, "The task metadata endpoint is asked again");
                tokio::time::sleep(PAUSE).await;
            }
            answer => return answer.map_err(|why| TaskError::Endpoint(format!("{uri}: {why}"))),
        }
        tries += 1;
    }
}

async fn ask<T: DeserializeOwned>(uri: &Uri) -> Result<T, String> {
    fn words(error: impl Display) -> String {
        error.to_string()
    }
    let client: Client<HttpConnector, Empty<Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let whole = async {
        let answer = client.get(uri.clone()).await.map_err(words)?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(words)?.to_bytes();
        serde_json::from_slice(&body)
            .map_err(|error| format!("answered {status}, and not as documented: {error}"))
    };
    tokio::time::timeout(WAIT, whole).await.map_err(words)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_tells_its_definition_and_its_service() {
        let read = |text| serde_json::from_str::<Task>(text).unwrap();
        let task = read(
            r#"{"TaskARN": "arn:aws:ecs:eu-west-1:123456789012:task/main/0ab", "Family": "work",
                "Revision": "7", "ServiceName": "workers", "KnownStatus": "RUNNING"}"#,
        );
        let definition = "arn:aws:ecs:eu-west-1:123456789012:task-definition/work:7";
        assert_eq!(task.definition().as_deref(), Some(definition));
        assert_eq!(task.service.as_deref(), Some("workers"));
        let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/main";
        assert_eq!(task.cluster().as_deref(), Some(cluster));
        let bare = read(r#"{"TaskARN": "t"}"#);
        assert_eq!((bare.cluster(), bare.definition(), bare.service), (None, None, None));
    }
}
