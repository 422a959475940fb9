//! Objects, their versions and their listings.

use expect_test::{Expect, expect};

use super::World;

fn check(lines: &[String], expect: &Expect) {
    expect.assert_eq(&(lines.join("\n") + "\n"));
}

#[tokio::test]
async fn an_object_comes_back_with_what_was_said_of_it() {
    let world = World::new();
    let headers = [
        ("content-type", "text/csv"),
        ("content-encoding", "gzip,aws-chunked"),
        ("x-amz-meta-who", "me"),
    ];
    world.call("PUT", "/plain/k", &headers, s3s::Body::from("hello".to_owned())).await;
    let read = world.get("/plain/k").await;
    assert_eq!((read.text(), read.header("content-length")), ("hello", "5"));
    assert_eq!(read.header("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    assert_eq!(read.header("content-type"), "text/csv");
    assert_eq!(read.header("content-encoding"), "gzip");
    assert_eq!(read.header("x-amz-meta-who"), "me");
    assert_eq!(read.version(), "");
    let head = world.call("HEAD", "/plain/k", &[], s3s::Body::empty()).await;
    assert_eq!(head.header("content-length"), "5");
}

#[tokio::test]
async fn ranges() {
    let world = World::new();
    world.put("/plain/k", "0123456789").await;
    world.put("/plain/empty", "").await;
    let mut lines = Vec::new();
    for (key, range) in [
        ("k", "bytes=2-4"),
        ("k", "bytes=7-"),
        ("k", "bytes=-3"),
        ("k", "bytes=-99"),
        ("k", "bytes=9-99"),
        ("k", "bytes=10-"),
        ("empty", "bytes=0-0"),
        ("empty", "bytes=-1"),
    ] {
        let path = format!("/plain/{key}");
        let read = world.call("GET", &path, &[("range", range)], s3s::Body::empty()).await;
        let body = if read.status.is_success() { read.text() } else { "" };
        lines.push(format!("{range}: {} {body} {}", read.code(), read.header("content-range")));
    }
    check(
        &lines,
        &expect![[r"
            bytes=2-4: 206 234 bytes 2-4/10
            bytes=7-: 206 789 bytes 7-9/10
            bytes=-3: 206 789 bytes 7-9/10
            bytes=-99: 206 0123456789 bytes 0-9/10
            bytes=9-99: 206 9 bytes 9-9/10
            bytes=10-: 416 InvalidRange  
            bytes=0-0: 416 InvalidRange  
            bytes=-1: 416 InvalidRange  
        "]],
    );
}

#[tokio::test]
async fn refusals_have_the_codes_of_aws() {
    let world = World::new();
    world.put("/plain/k", "x").await;
    let mut lines = Vec::new();
    for (method, path, headers) in [
        ("GET", "/nowhere/k", &[][..]),
        ("PUT", "/nowhere/k", &[]),
        ("GET", "/nowhere", &[]),
        ("GET", "/plain/missing", &[]),
        ("HEAD", "/plain/missing", &[]),
        ("GET", "/plain/k?versionId=other", &[]),
        ("GET", "/plain/k", &[("if-match", "\"other\"")]),
        ("GET", "/plain/k", &[("if-none-match", "*")]),
        ("PUT", "/plain/k", &[("if-none-match", "*")]),
        ("PUT", "/plain/new", &[("if-none-match", "*")]),
        ("PUT", "/plain/k", &[("if-match", "other")]),
        ("PUT", "/plain/missing", &[("if-match", "other")]),
        ("PUT", "/plain/k", &[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")]),
        ("PUT", "/plain/k", &[("x-amz-checksum-crc32", "AAAAAQ==")]),
        ("PUT", "/plain/k", &[("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")]),
        ("PUT", "/plain/k", &[("x-amz-copy-source", "/plain/missing")]),
        ("PUT", "/plain/k", &[("x-amz-copy-source", "/plain/k")]),
        ("PUT", "/plain/k?partNumber=1&uploadId=none", &[]),
        ("GET", "/plain?list-type=2&continuation-token=%21", &[]),
        ("DELETE", "/plain", &[]),
    ] {
        let read = world.call(method, path, headers, s3s::Body::empty()).await;
        lines.push(format!("{method} {path} {headers:?}: {}", read.code()));
    }
    check(
        &lines,
        &expect![[r#"
        GET /nowhere/k []: 404 NoSuchBucket
        PUT /nowhere/k []: 404 NoSuchBucket
        GET /nowhere []: 404 NoSuchBucket
        GET /plain/missing []: 404 NoSuchKey
        HEAD /plain/missing []: 404 NoSuchKey
        GET /plain/k?versionId=other []: 404 NoSuchVersion
        GET /plain/k [("if-match", "\"other\"")]: 412 PreconditionFailed
        GET /plain/k [("if-none-match", "*")]: 304 NotModified
        PUT /plain/k [("if-none-match", "*")]: 412 PreconditionFailed
        PUT /plain/new [("if-none-match", "*")]: 200
        PUT /plain/k [("if-match", "other")]: 412 PreconditionFailed
        PUT /plain/missing [("if-match", "other")]: 404 NoSuchKey
        PUT /plain/k [("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")]: 400 BadDigest
        PUT /plain/k [("x-amz-checksum-crc32", "AAAAAQ==")]: 400 BadDigest
        PUT /plain/k [("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")]: 400 InvalidRequest
        PUT /plain/k [("x-amz-copy-source", "/plain/missing")]: 404 NoSuchKey
        PUT /plain/k [("x-amz-copy-source", "/plain/k")]: 400 InvalidRequest
        PUT /plain/k?partNumber=1&uploadId=none []: 404 NoSuchUpload
        GET /plain?list-type=2&continuation-token=%21 []: 400 InvalidArgument
        DELETE /plain []: 409 BucketNotEmpty
    "#]],
    );
    assert_eq!(world.get("/plain/k").await.text(), "x");
}

#[tokio::test]
async fn versions_stay_and_a_delete_marker_hides_them() {
    let world = World::new();
    let first = world.put("/versioned/k", "one").await.version().to_owned();
    let second = world.put("/versioned/k", "two").await.version().to_owned();
    assert!(first.len() == 32 && first != second);
    let marker = world.delete("/versioned/k").await;
    assert_eq!(marker.header("x-amz-delete-marker"), "true");
    let marker = marker.version().to_owned();

    let hidden = world.get("/versioned/k").await;
    assert_eq!((hidden.code().as_str(), hidden.version()), ("404 NoSuchKey", marker.as_str()));
    assert_eq!(hidden.header("x-amz-delete-marker"), "true");
    let named = world.get(&format!("/versioned/k?versionId={marker}")).await;
    assert_eq!(named.code(), "405 MethodNotAllowed");
    assert_eq!(world.get(&format!("/versioned/k?versionId={first}")).await.text(), "one");

    let listed = world.get("/versioned?versions").await;
    // The answer has the markers before the versions.
    assert_eq!(listed.all("VersionId"), [&marker, &second, &first]);
    assert_eq!(listed.all("IsLatest"), ["true", "false", "false"]);
    assert_eq!(world.get("/versioned?list-type=2").await.all("Key"), [""; 0]);

    world.delete(&format!("/versioned/k?versionId={marker}")).await;
    assert_eq!(world.get("/versioned/k").await.text(), "two");
    world.delete(&format!("/versioned/k?versionId={second}")).await;
    assert_eq!(world.get("/versioned/k").await.text(), "one");
    assert_eq!(world.files(), 1);
    let kinds: Vec<_> = world.heard().iter().map(|it| it.detail["deletion-type"].clone()).collect();
    let expected = [
        "null",
        "null",
        "\"Delete Marker Created\"",
        "\"Permanently Deleted\"",
        "\"Permanently Deleted\"",
    ];
    assert_eq!(kinds.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn an_unversioned_bucket_replaces_and_removes() {
    let world = World::new();
    world.put("/plain/k", "one").await;
    world.put("/plain/k", "two").await;
    assert_eq!((world.get("/plain/k").await.text(), world.files()), ("two", 1));
    assert_eq!(world.get("/plain?versions").await.all("VersionId"), ["null"]);
    let gone = world.delete("/plain/k").await;
    assert_eq!((gone.status.as_u16(), gone.header("x-amz-delete-marker")), (204, ""));
    assert_eq!((world.get("/plain/k").await.code().as_str(), world.files()), ("404 NoSuchKey", 0));
    world.delete("/plain/k").await;
    assert_eq!(world.heard().len(), 3);
    assert!(world.heard().iter().all(|event| event.detail["object"].get("version-id").is_none()));
}

#[tokio::test]
async fn suspended_versioning_reuses_the_null_version() {
    let world = World::new();
    let kept = world.put("/versioned/k", "one").await.version().to_owned();
    let suspend = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Suspended</Status></VersioningConfiguration>";
    world.put("/versioned?versioning", suspend).await;
    assert_eq!(world.put("/versioned/k", "two").await.version(), "null");
    assert_eq!(world.put("/versioned/k", "three").await.version(), "null");
    assert_eq!(world.delete("/versioned/k").await.version(), "null");
    let listed = world.get("/versioned?versions").await;
    assert_eq!(listed.all("VersionId"), ["null", kept.as_str()]);
    assert_eq!(world.files(), 1);
}

#[tokio::test]
async fn versions_are_listed_in_pages() {
    let world = World::new();
    for key in ["a", "b", "c"] {
        for body in ["1", "2", "3"] {
            world.put(&format!("/versioned/{key}"), body).await;
        }
    }
    let whole = world.get("/versioned?versions").await;
    let mut pages: Vec<String> = Vec::new();
    let mut path = "/versioned?versions&max-keys=2".to_owned();
    loop {
        let page = world.get(&path).await;
        pages.extend(page.all("VersionId").iter().map(ToString::to_string));
        assert!(pages.len() <= 9, "{pages:?}");
        let (key, id) = (page.all("NextKeyMarker"), page.all("NextVersionIdMarker"));
        let (Some(key), Some(id)) = (key.first(), id.first()) else { break };
        path = format!("/versioned?versions&max-keys=2&key-marker={key}&version-id-marker={id}");
    }
    assert_eq!(pages, whole.all("VersionId"));
    assert_eq!(pages.len(), 9);
}

#[tokio::test]
async fn a_copy_has_the_bytes_and_the_words_of_its_source() {
    let world = World::new();
    let headers = [("content-type", "text/csv"), ("x-amz-meta-who", "me")];
    world.call("PUT", "/plain/a%20b%2Bc", &headers, s3s::Body::from("hi".to_owned())).await;
    let source = [("x-amz-copy-source", "/plain/a%20b%2Bc")];
    let copied = world.call("PUT", "/versioned/copy", &source, s3s::Body::empty()).await;
    assert_eq!(copied.code(), "200");
    let read = world.get("/versioned/copy").await;
    assert_eq!((read.text(), read.header("x-amz-meta-who")), ("hi", "me"));
    assert_eq!(world.heard().last().unwrap().detail["reason"], "CopyObject");
}

#[tokio::test]
async fn many_keys_are_deleted_at_once() {
    let world = World::new();
    world.put("/plain/a", "").await;
    world.put("/plain/b&c", "").await;
    let wanted = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a</Key></Object><Object><Key>b&amp;c</Key></Object><Object><Key>missing</Key></Object></Delete>";
    let read = world.call("POST", "/plain?delete", &[], s3s::Body::from(wanted.to_owned())).await;
    assert_eq!(read.all("Key"), ["a", "b&amp;c", "missing"]);
    assert_eq!(world.get("/plain?list-type=2").await.all("KeyCount"), ["0"]);
}
