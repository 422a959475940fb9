//! Scale-in protection of the task whose container this is, by the endpoint of its ECS agent.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use longshore::config::Variables;
use longshore_engine::ports::{Protection, Unprotected};
use serde::Deserialize;

/// Longest wait for an answer: the agent itself waits up to 4 s for ECS.
const WAIT: Duration = Duration::from_secs(6);
const AGENT_URI: &str = "ECS_AGENT_URI";
/// An hour; other members of the body are refused (Amazon ECS developer guide, "Amazon ECS task
/// scale-in protection endpoint").
const PROTECT: &str = r#"{"ProtectionEnabled":true,"ExpiresInMinutes":60}"#;
const UNPROTECT: &str = r#"{"ProtectionEnabled":false}"#;

/// The agent of this container.
#[derive(Clone, Debug)]
pub struct EcsAgent {
    uri: Option<Uri>,
}

#[derive(Deserialize)]
struct Answer {
    protection: Option<State>,
    failure: Option<Failure>,
    error: Option<Error>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    protection_enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    reason: String,
    #[serde(default)]
    detail: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Error {
    code: String,
    #[serde(default)]
    message: String,
}

impl EcsAgent {
    /// The agent that the variables name.
    #[must_use]
    pub fn of(variables: &Variables) -> Self {
        let uri = variables.optional(AGENT_URI);
        let uri = uri.map(|uri| format!("{uri}/task-protection/v1/state"));
        Self { uri: uri.and_then(|uri| uri.parse().ok()) }
    }

    async fn put(&self, body: &'static str, enabled: bool) -> Result<(), Unprotected> {
        let trouble = |words: String| Unprotected::Trouble(words);
        let uri = self.uri.clone().ok_or_else(|| trouble(format!("{AGENT_URI} is not set")))?;
        let answer = tokio::time::timeout(WAIT, ask(uri, body)).await;
        let answer = answer.map_err(|late| trouble(late.to_string()))?.map_err(trouble)?;
        judge(&answer, enabled)
    }
}

impl Protection for EcsAgent {
    async fn protect(&self) -> Result<(), Unprotected> {
        self.put(PROTECT, true).await
    }

    async fn unprotect(&self) -> Result<(), Unprotected> {
        self.put(UNPROTECT, false).await
    }
}

async fn ask(uri: Uri, body: &'static str) -> Result<Bytes, String> {
    fn words(error: impl Display) -> String {
        error.to_string()
    }
    let client: Client<HttpConnector, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let request = Request::builder()
        .method(Method::PUT)
        .uri(uri)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(body))
        .map_err(words)?;
    let answer = client.request(request).await.map_err(words)?;
    Ok(answer.into_body().collect().await.map_err(words)?.to_bytes())
}

/// What the agent said. It says `failure` with status 200, so that the status says nothing.
fn judge(answer: &[u8], enabled: bool) -> Result<(), Unprotected> {
    let trouble = |words: String| Err(Unprotected::Trouble(words));
    match serde_json::from_slice(answer) {
        Ok(Answer { failure: Some(Failure { reason, detail }), .. }) => {
            let words = format!("{reason}: {}", detail.unwrap_or_default());
            let is_blocked = reason == "DEPLOYMENT_BLOCKED";
            if is_blocked { Err(Unprotected::Blocked(words)) } else { trouble(words) }
        }
        Ok(Answer { error: Some(Error { code, message }), .. }) => {
            trouble(format!("{code}: {message}"))
        }
        Ok(Answer { protection: Some(state), .. }) if state.protection_enabled == enabled => Ok(()),
        Ok(_) => trouble("the agent did not do what it was asked".into()),
        Err(error) => trouble(format!("the agent's answer is not known: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::judge;

    #[test]
    fn only_what_says_so_is_protection() {
        let answers = [
            r#"{"protection":{"ExpirationDate":"2026-11-23T01:00:00Z","ProtectionEnabled":true,"TaskArn":"t"}}"#,
            r#"{"protection":{"ProtectionEnabled":false,"TaskArn":"t"}}"#,
            r#"{"failure":{"Arn":"t","Detail":null,"Reason":"DEPLOYMENT_BLOCKED"}}"#,
            r#"{"failure":{"Arn":"t","Detail":"no service","Reason":"TASK_NOT_VALID"}}"#,
            r#"{"requestID":"r","error":{"Arn":"t","Code":"RequestCanceled","Message":"late"}}"#,
            r#"{}"#,
            "bad gateway",
        ];
        let said = answers.map(|answer| format!("{:?}\n", judge(answer.as_bytes(), true)));
        expect![[r#"
            Ok(())
            Err(Trouble("the agent did not do what it was asked"))
            Err(Blocked("DEPLOYMENT_BLOCKED: "))
            Err(Trouble("TASK_NOT_VALID: no service"))
            Err(Trouble("RequestCanceled: late"))
            Err(Trouble("the agent did not do what it was asked"))
            Err(Trouble("the agent's answer is not known: expected value at line 1 column 1"))
        "#]]
        .assert_eq(&said.concat());
    }
}
