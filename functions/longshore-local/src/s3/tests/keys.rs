//! Keys are names without meaning: whatever they hold, they stay as they are and apart.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::World;

/// As every client writes a key into a path.
fn path(key: &str) -> String {
    let escaped = key.bytes().map(|byte| match byte {
        b'/' => "/".to_owned(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    format!("/plain/{}", escaped.collect::<String>())
}

fn decoded(name: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let [first, tail @ ..] = rest {
        if let (b'%', [high, low, tail @ ..]) = (first, tail) {
            let digits = [*high, *low];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            rest = tail;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Stores each key under its own name, then reads, lists and deletes it.
async fn stay_apart(keys: &BTreeSet<String>) {
    let world = World::new();
    for key in keys {
        let body = s3s::Body::from(key.clone());
        assert_eq!(world.call("PUT", &path(key), &[], body).await.code(), "200", "{key:?}");
    }
    for key in keys {
        assert_eq!(world.get(&path(key)).await.text(), key);
    }
    let listed = world.get("/plain?list-type=2&encoding-type=url").await;
    let listed: BTreeSet<String> = listed.all("Key").into_iter().map(decoded).collect();
    assert_eq!(&listed, keys);
    let heard = world.heard();
    let told: BTreeSet<String> =
        heard.iter().map(|it| it.detail["object"]["key"].as_str().unwrap().to_owned()).collect();
    assert_eq!(&told, keys);
    for key in keys {
        assert_eq!(world.delete(&path(key)).await.status, 204, "{key:?}");
    }
    assert_eq!(world.files(), 0);
}

#[tokio::test]
async fn keys_that_others_confuse() {
    let keys = [
        "a b",
        "a+b",
        "a%20b",
        "a%2Bb",
        "%41",
        "A",
        "..",
        ".",
        "../..",
        "a/../b",
        "b",
        "/a",
        "//a",
        "a//b",
        "a/",
        "a",
        "\"'<>&",
        "😀",
        "ż",
        "z\u{307}",
        "line\nbreak",
        "tab\t",
        "\\",
        "?x=1",
        "#",
        "null",
        "\u{1}",
    ];
    stay_apart(&keys.into_iter().map(str::to_owned).collect()).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_keys_stay_apart(keys in proptest::collection::btree_set("\\PC{1,12}", 1..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(stay_apart(&keys));
    }
}
