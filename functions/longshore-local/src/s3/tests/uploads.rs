//! Uploads in parts.

use bytes::Bytes;

use super::{Read, World};

const PART_BYTES: usize = 5 << 20;

async fn begin(world: &World, key: &str) -> String {
    let headers = [("content-type", "text/csv"), ("x-amz-checksum-algorithm", "CRC32")];
    let path = format!("/versioned/{key}?uploads");
    let begun = world.call("POST", &path, &headers, s3s::Body::empty()).await;
    begun.all("UploadId")[0].to_owned()
}

async fn part(world: &World, key: &str, id: &str, number: usize, bytes: Vec<u8>) -> String {
    let path = format!("/versioned/{key}?partNumber={number}&uploadId={id}");
    let read = world.call("PUT", &path, &[], Bytes::from(bytes)).await;
    assert_eq!(read.code(), "200");
    read.header("etag").to_owned()
}

async fn complete(world: &World, key: &str, id: &str, parts: &[(usize, &str)]) -> Read {
    let parts: Vec<_> = parts
        .iter()
        .map(|(number, etag)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        })
        .collect();
    let body = format!(
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}</CompleteMultipartUpload>",
        parts.concat()
    );
    world.call("POST", &format!("/versioned/{key}?uploadId={id}"), &[], Bytes::from(body)).await
}

#[tokio::test]
async fn parts_become_one_object() {
    let world = World::new();
    let id = begin(&world, "big").await;
    let last = part(&world, "big", &id, 2, b"end".to_vec()).await;
    part(&world, "big", &id, 1, vec![b'x'; PART_BYTES]).await;
    let first = part(&world, "big", &id, 1, vec![b'a'; PART_BYTES]).await;
    let done = complete(&world, "big", &id, &[(1, &first), (2, &last)]).await;
    assert_eq!(done.code(), "200");
    // MD5 over the MD5s of the two parts, computed with Python's hashlib.
    assert_eq!(done.all("ETag"), ["\"cc8f6f16b44b75adde6349ab98aee432-2\""]);
    assert!(done.all("ChecksumCRC32")[0].ends_with("==-2"));

    let read = world.get("/versioned/big").await;
    assert_eq!(read.body.len(), PART_BYTES + 3);
    assert!(read.text().starts_with('a') && read.text().ends_with("aend"));
    assert_eq!(read.header("content-type"), "text/csv");
    assert_eq!(world.get("/versioned/big?partNumber=2").await.text(), "end");
    assert_eq!((world.heard().len(), world.files()), (1, 1));
    assert_eq!(world.heard()[0].detail["reason"], "CompleteMultipartUpload");

    let again = complete(&world, "big", &id, &[(1, &first), (2, &last)]).await;
    assert_eq!(again.text(), done.text());
    assert_eq!(world.heard().len(), 1);
}

#[tokio::test]
async fn a_completion_names_parts_that_arrived_in_order_and_large_enough() {
    let world = World::new();
    let id = begin(&world, "k").await;
    let small = part(&world, "k", &id, 1, b"small".to_vec()).await;
    let last = part(&world, "k", &id, 2, b"end".to_vec()).await;
    for (parts, code) in [
        (&[(1, small.as_str()), (2, last.as_str())][..], "400 EntityTooSmall"),
        (&[(2, last.as_str()), (1, small.as_str())], "400 InvalidPartOrder"),
        (&[(1, last.as_str())], "400 InvalidPart"),
        (&[(3, last.as_str())], "400 InvalidPart"),
        (&[], "400 MalformedXML"),
    ] {
        assert_eq!(complete(&world, "k", &id, parts).await.code(), code);
    }
    assert_eq!(complete(&world, "other", &id, &[(1, &small)]).await.code(), "404 NoSuchUpload");
    assert_eq!(complete(&world, "k", &id, &[(1, &small)]).await.code(), "200");
}

#[tokio::test]
async fn an_upload_outlives_the_process_and_an_aborted_one_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::kept_in(dir.path());
    let id = begin(&world, "k").await;
    let etag = part(&world, "k", &id, 1, b"all".to_vec()).await;
    let other = begin(&world, "k").await;
    part(&world, "k", &other, 1, b"none".to_vec()).await;
    drop(world);

    let world = World::kept_in(dir.path());
    assert_eq!(world.delete(&format!("/versioned/k?uploadId={other}")).await.status, 204);
    assert_eq!(complete(&world, "k", &id, &[(1, &etag)]).await.code(), "200");
    drop(world);
    let world = World::kept_in(dir.path());
    assert_eq!((world.get("/versioned/k").await.text(), world.files()), ("all", 1));
    assert_eq!(complete(&world, "k", &other, &[(1, &etag)]).await.code(), "404 NoSuchUpload");
}
