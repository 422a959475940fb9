//! Amazon S3: buckets and object versions, over the `s3s` protocol crate and our own small store.
//!
//! ```text
//! request ─▶ s3s (signature, XML) ─▶ front ─▶ objects · parts · lists · settings ─▶ store ─▶ rows, files
//!                                                                                     └─▶ event ─▶ EventBridge
//! ```

mod answers;
mod auth;
mod body;
mod bucket;
mod checksum;
mod conditions;
mod copies;
mod declared;
mod deletions;
mod draft;
mod event;
mod front;
mod identity;
mod listing;
mod lists;
mod names;
mod objects;
mod parts;
mod refusal;
mod settings;
mod store;
mod upload;
mod uploads;
mod version;
mod write;

#[cfg(test)]
mod tests;

use std::{error::Error, fmt, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, combinators::BoxBody};
use hyper::body::Incoming;
use s3s::service::{S3Service, S3ServiceBuilder};

pub(crate) use event::ObjectEvent;
use front::{Front, RequestId};
use store::Buckets;

use crate::{Ground, StoreError, template::BucketSpec};

/// A body of an answer: streamed, so that no object has to fit into memory.
pub(crate) type Answer = BoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// Amazon S3 as this AWS serves it.
pub(crate) struct S3 {
    front: Front,
    service: S3Service,
}

impl S3 {
    /// Opens the buckets that were kept, and hands the events over that an earlier process had
    /// acknowledged but not handed over: rules and queues must be ready.
    ///
    /// `events` is called after the write is durable, and must be quick. It may see an event twice
    /// if the process ends while it runs.
    pub(crate) fn open(
        ground: Ground,
        events: Arc<dyn Fn(ObjectEvent) + Send + Sync>,
    ) -> Result<Arc<Self>, StoreError> {
        let buckets = Arc::new(Buckets::open(ground.clone())?);
        let front = Front { ground, buckets, events };
        for pending in front.buckets.unpublished()? {
            front.hand_over(Some(pending));
        }
        let mut service = S3ServiceBuilder::new(front.clone());
        service.set_auth(auth::OneSecret);
        service.set_access(auth::Everyone);
        Ok(Arc::new(Self { front, service: service.build() }))
    }

    /// Makes a bucket, or brings the settings of one that was kept up to date.
    pub(crate) fn create(&self, bucket: &BucketSpec) -> Result<(), StoreError> {
        self.front.buckets.declare(bucket)
    }

    /// Serves one request; refusals are answers too.
    pub(crate) async fn serve(&self, request: Request<Incoming>) -> Response<Answer> {
        self.answer(request.map(s3s::Body::from)).await
    }

    async fn answer(&self, mut request: Request<s3s::Body>) -> Response<Answer> {
        let id = identity::request_id();
        request.extensions_mut().insert(RequestId(id.clone()));
        let mut response = match self.service.call(request).await {
            Ok(response) => response,
            Err(error) => broken(&Box::<dyn Error + Send + Sync>::from(error).to_string()),
        };
        if let Some(body) = auth::advised(response.status(), response.body().bytes()) {
            response.headers_mut().remove(http::header::CONTENT_LENGTH);
            *response.body_mut() = s3s::Body::from(body);
        }
        if let Ok(id) = HeaderValue::try_from(id) {
            response.headers_mut().insert("x-amz-request-id", id);
        }
        response.map(BodyExt::boxed)
    }
}

/// The answer to a request whose answer could not be written.
fn broken(error: &str) -> Response<s3s::Body> {
    let mut response = Response::new(s3s::Body::from(error.to_owned()));
    *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").field("front", &self.front).finish_non_exhaustive()
    }
}
