//! What was acknowledged outlives the process, what was not leaves no trace.

use std::{
    future::{Future, poll_fn},
    io,
    task::Poll,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use s3s::dto::StreamingBlob;

use super::World;
use crate::s3::{
    ObjectEvent, conditions::WriteIf, draft::Draft, event::Cause, version::About, write::NewObject,
};

/// The sequencers of what was told, in the order it was told.
fn drawn(world: &World) -> Vec<String> {
    let sequencer = |event: &ObjectEvent| event.detail["object"]["sequencer"].clone();
    world.heard().iter().map(|it| sequencer(it).as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::kept_in(dir.path());
    world.put("/plain/k", "one").await;
    world.put("/plain/gone", "x").await;
    world.delete("/plain/gone").await;
    let first = world.put("/versioned/a/b", "one").await.version().to_owned();
    for body in ["two", "three", "four", "five"] {
        world.put("/versioned/a/b", body).await;
    }
    world.delete("/versioned/marked").await;
    let before = world.get("/versioned?versions").await;
    let last = drawn(&world).pop().unwrap();
    drop(world);

    let world = World::kept_in(dir.path());
    assert_eq!(world.get("/plain/k").await.text(), "one");
    assert_eq!(world.get("/plain/gone").await.code(), "404 NoSuchKey");
    assert_eq!(world.get("/versioned/a/b").await.text(), "five");
    assert_eq!(world.get(&format!("/versioned/a/b?versionId={first}")).await.text(), "one");
    assert_eq!(world.get("/versioned?versions").await.text(), before.text());
    assert_eq!(world.heard(), []);
    world.put("/plain/gone", "x").await;
    assert!(drawn(&world)[0] > last);
}

#[tokio::test]
async fn an_upload_that_ends_early_leaves_nothing() {
    let world = World::new();
    world.put("/plain/k", "old").await;
    let pieces = stream::iter([Ok(Bytes::from_static(b"new")), Err(io::Error::other("gone"))]);
    let body = s3s::Body::from(StreamingBlob::wrap(pieces));
    let read = world.call("PUT", "/plain/k", &[], body).await;
    assert_eq!(read.code(), "400 IncompleteBody");

    let begun = stream::iter([Ok::<_, io::Error>(Bytes::from_static(b"new"))]);
    let body = s3s::Body::from(StreamingBlob::wrap(begun.chain(stream::pending())));
    let mut upload = Box::pin(world.call("PUT", "/plain/k", &[], body));
    while world.files() == 1 {
        let polled = poll_fn(|cx| Poll::Ready(upload.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
        tokio::task::yield_now().await;
    }
    drop(upload);

    assert_eq!((world.get("/plain/k").await.text(), world.files()), ("old", 1));
    assert_eq!(world.heard().len(), 1);
}

#[tokio::test]
async fn what_a_crash_left_half_done_is_swept_away() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::kept_in(dir.path());
    world.put("/plain/k", "one").await;
    for orphan in ["incoming-1", "0123456789abcdef"] {
        std::fs::write(dir.path().join("objects").join(orphan), "half").unwrap();
    }
    drop(world);
    let world = World::kept_in(dir.path());
    assert_eq!((world.get("/plain/k").await.text(), world.files()), ("one", 1));
}

#[tokio::test]
async fn an_event_that_was_not_handed_over_is_handed_over_at_the_next_opening() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::kept_in(dir.path());
    let buckets = &world.s3.front.buckets;
    for key in ["first", "second"] {
        let body = Draft::new(buckets.dir(), None).unwrap().finish().await.unwrap();
        let new = NewObject {
            bucket: "plain".into(),
            key: key.into(),
            about: About::default(),
            condition: WriteIf::default(),
            cause: Cause { reason: "PutObject", request_id: "R".into() },
            upload: None,
        };
        buckets.put(body, new).unwrap();
    }
    drop(world);

    let world = World::kept_in(dir.path());
    let keys: Vec<_> =
        world.heard().iter().map(|it| it.detail["object"]["key"].to_string()).collect();
    assert_eq!(keys, ["\"first\"", "\"second\""]);
    drop(world);
    assert_eq!(World::kept_in(dir.path()).heard(), []);
}

#[tokio::test]
async fn sequencers_of_a_key_rise_through_writes_and_deletions() {
    let world = World::new();
    for _ in 0..20 {
        world.put("/plain/k", "x").await;
        world.delete("/plain/k").await;
    }
    let drawn = drawn(&world);
    assert_eq!(drawn.len(), 40);
    assert!(drawn.windows(2).all(|pair| pair[0] < pair[1] && pair[1].len() == 16));
}
