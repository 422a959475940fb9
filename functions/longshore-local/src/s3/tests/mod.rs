//! The promises of the store, through the protocol as a client that does not sign.

mod durability;
mod keys;
mod objects;
mod uploads;

use std::{
    fmt::Write as _,
    path::Path,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;

use super::{ObjectEvent, S3};
use crate::{Account, Activity, Clock, Ground, Store, template::BucketSpec};

/// An S3 with what it told EventBridge.
struct World {
    s3: Arc<S3>,
    events: Arc<Mutex<Vec<ObjectEvent>>>,
}

/// An answer, read to its end.
struct Read {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl World {
    fn on(store: Store) -> Self {
        let ground = Ground {
            account: Account::local("http://127.0.0.1:4566"),
            clock: Clock::system(),
            store,
            activity: Activity::new(),
        };
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&events);
        let hear = Arc::new(move |event| heard.lock().unwrap().push(event));
        Self { s3: S3::open(ground, hear).unwrap(), events }
    }

    /// Without a memory beyond this process, with the buckets `plain` and `versioned`.
    fn new() -> Self {
        Self::on(Store::memory().unwrap()).with_buckets()
    }

    fn kept_in(dir: &Path) -> Self {
        Self::on(Store::open(dir).unwrap()).with_buckets()
    }

    fn with_buckets(self) -> Self {
        for (name, versioned) in [("plain", false), ("versioned", true)] {
            let spec = BucketSpec { name: name.into(), versioned, event_bridge: true };
            self.s3.create(&spec).unwrap();
        }
        self
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<s3s::Body>,
    ) -> Read {
        let body = body.into();
        let mut request = Request::builder().method(method).uri(path);
        if let Some(length) = body.bytes().map(|bytes| bytes.len()) {
            request = request.header("content-length", length);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.s3.answer(request.body(body).unwrap()).await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Read { status: parts.status, headers: parts.headers, body }
    }

    async fn put(&self, path: &str, body: &'static str) -> Read {
        self.call("PUT", path, &[], Bytes::from_static(body.as_bytes())).await
    }

    async fn get(&self, path: &str) -> Read {
        self.call("GET", path, &[], Bytes::new()).await
    }

    async fn delete(&self, path: &str) -> Read {
        self.call("DELETE", path, &[], Bytes::new()).await
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.s3.front.buckets.dir()).unwrap().count()
    }

    fn heard(&self) -> Vec<ObjectEvent> {
        self.events.lock().unwrap().clone()
    }
}

impl Read {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn version(&self) -> &str {
        self.header("x-amz-version-id")
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// What stands between `<name>` and `</name>`, every time.
    fn all(&self, name: &str) -> Vec<&str> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let rest = self.text().split(open.as_str()).skip(1);
        rest.filter_map(|rest| rest.split_once(close.as_str()).map(|(it, _)| it)).collect()
    }

    fn code(&self) -> String {
        let mut said = self.status.as_u16().to_string();
        for code in self.all("Code") {
            write!(said, " {code}").unwrap();
        }
        said
    }
}
