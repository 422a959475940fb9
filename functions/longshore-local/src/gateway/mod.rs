//! The one port: every request finds its service, and passes the gate first.
//!
//! ```text
//! request ─▶ route ─▶ gate ─▶ s3 · dynamodb (raw)    sqs · ecs · events (JSON)    lambda · sts · _ecs
//! ```

mod agent;
mod json;
mod route;
mod serve;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::Value;

use crate::{
    Bus, Call, Fault, Gate, Ground, Verdict,
    dynamodb::DynamoDb,
    ecs::Ecs,
    lambda::Lambda,
    s3::{Answer, S3},
    sqs::{self, Sqs},
};
use json::{Dialect, body_of};
use route::{Route, Service, route};
pub(crate) use serve::serve;

/// The connection ends here, without an answer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the gate hung up")]
struct HungUp;

/// All services of this AWS behind one address.
pub(crate) struct Gateway {
    pub(crate) ground: Ground,
    pub(crate) gate: Arc<dyn Gate>,
    pub(crate) s3: Arc<S3>,
    pub(crate) sqs: Arc<Sqs>,
    pub(crate) dynamodb: Arc<DynamoDb>,
    pub(crate) ecs: Arc<Ecs>,
    pub(crate) bus: Arc<Bus>,
    pub(crate) lambda: Arc<Lambda>,
}

impl Gateway {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Answer>, HungUp> {
        let route = route(request.method(), request.uri(), request.headers());
        if agent::container_of(request.uri().path()).is_some() {
            return Ok(self.agent(request).await);
        }
        let dialect = Dialect::of(&route, request.headers());
        let call = Call { service: route.service.name(), operation: &route.operation };
        let verdict = self.gate.check(call);
        match &verdict {
            Verdict::Refuse(fault) => return Ok(dialect.refusal(fault)),
            Verdict::HangUp => return Err(HungUp),
            Verdict::Serve | Verdict::ServeThenFail(_) | Verdict::ServeThenHangUp => {}
        }
        let answer = self.serve(route, request, dialect).await;
        match verdict {
            Verdict::ServeThenFail(fault) => Ok(dialect.refusal(&fault)),
            Verdict::ServeThenHangUp => Err(HungUp),
            _ => Ok(answer),
        }
    }

    async fn serve(
        &self,
        route: Route,
        request: Request<Incoming>,
        dialect: Dialect,
    ) -> Response<Answer> {
        match route.service {
            Service::S3 => self.s3.serve(request).await,
            Service::DynamoDb => self.dynamodb.serve(request).await,
            Service::Lambda => {
                self.invoke(request).await.unwrap_or_else(|fault| dialect.refusal(&fault))
            }
            Service::Metadata => self.metadata(request.uri().path()),
            Service::Sts => self.caller_identity(),
            Service::Sqs | Service::Ecs | Service::Events => {
                match self.call(&route, request).await {
                    Ok(output) => dialect.output(&output),
                    Err(fault) => dialect.refusal(&fault),
                }
            }
            Service::Unknown(name) => {
                dialect.refusal(&Fault::unknown_operation(&name, &route.operation))
            }
        }
    }

    /// One action of a JSON service.
    async fn call(&self, route: &Route, request: Request<Incoming>) -> Result<Value, Fault> {
        let input = json::input(&body_of(request).await?)?;
        match route.service {
            Service::Sqs => self.sqs.call(&route.operation, input).await,
            Service::Ecs => self.ecs.call(&route.operation, input).await,
            _ => self.bus.call(&route.operation, input).await,
        }
    }

    async fn invoke(&self, request: Request<Incoming>) -> Result<Response<Answer>, Fault> {
        let path = request.uri().path().to_owned();
        let invocation_type = request.headers().get("x-amz-invocation-type");
        let invocation_type =
            invocation_type.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
        let payload = body_of(request).await?;
        let invoked = self.lambda.invoke_http(&path, invocation_type.as_deref(), payload).await?;
        let response = invoked.into_response().map_err(|error| Fault::server(error.to_string()))?;
        Ok(response.map(whole))
    }

    /// The task metadata endpoint of containers.
    fn metadata(&self, path: &str) -> Response<Answer> {
        let known = self.ecs.metadata(path);
        let body = known.as_ref().map_or_else(|| "404 page not found".into(), Value::to_string);
        let mut response = Response::new(whole(body.into()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if known.is_none() {
            *response.status_mut() = StatusCode::NOT_FOUND;
        }
        response
    }

    /// Who a caller is: everybody is the account's root here.
    fn caller_identity(&self) -> Response<Answer> {
        let id = &self.ground.account.id;
        let body = format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <GetCallerIdentityResult><Arn>arn:aws:iam::{id}:root</Arn><UserId>{id}</UserId>\
             <Account>{id}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
        let mut response = Response::new(whole(body.into()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
        response
    }
}

/// A body that is all there.
fn whole(body: Bytes) -> Answer {
    Full::new(body).map_err(|never| match never {}).boxed()
}

/// What SQS clients read beside the code.
fn query_error(fault: &Fault) -> Option<HeaderValue> {
    HeaderValue::try_from(sqs::query_error(fault)).ok()
}
