//! The task protection endpoint of containers: the agent behind it calls ECS on the task's behalf,
//! so the gate sees that call, and what becomes of it is told in the agent's words.

use http::{HeaderValue, Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use hyper::body::Incoming;

use super::{Gateway, json::body_of, whole};
use crate::{
    Call, Fault, Verdict,
    ecs::{AGENT_TIMEOUT, AgentAnswer, agent_error},
    s3::Answer,
};

/// The container that asks, if the path is that of the endpoint.
pub(super) fn container_of(path: &str) -> Option<&str> {
    path.strip_prefix("/_ecs/api/")?.strip_suffix("/task-protection/v1/state")
}

impl Gateway {
    /// Answers as the agent would.
    pub(super) async fn agent(&self, request: Request<Incoming>) -> Response<Answer> {
        let path = request.uri().path().to_owned();
        let container = container_of(&path).unwrap_or_default();
        let method = request.method().clone();
        let operation = match method {
            Method::PUT => "UpdateTaskProtection",
            Method::GET => "GetTaskProtection",
            _ => return written((405, serde_json::Value::Null)),
        };
        let body = match body_of(request).await {
            Ok(body) => body,
            Err(fault) => return written(agent_error("", &fault)),
        };
        let arn = self.ecs.task_of_container(container).unwrap_or_default();
        let serve = || self.ecs.agent(&method, container, &body);
        let timed_out = || {
            let (status, code, message) = AGENT_TIMEOUT;
            agent_error(&arn, &Fault { status, ..Fault::client(code, message) })
        };
        let answer = match self.gate.check(Call { service: "ecs", operation }) {
            Verdict::Serve => serve(),
            Verdict::Refuse(fault) => agent_error(&arn, &fault),
            Verdict::ServeThenFail(fault) => {
                serve();
                agent_error(&arn, &fault)
            }
            Verdict::HangUp => timed_out(),
            Verdict::ServeThenHangUp => {
                serve();
                timed_out()
            }
        };
        written(answer)
    }
}

fn written((status, body): AgentAnswer) -> Response<Answer> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut response = Response::new(whole(body.into()));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
