//! DynamoDB's promises, over the wire and through the proxy.

use std::{convert::Infallible, net::SocketAddr, path::Path};

use http_body_util::Full;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::TcpListener;

use super::*;
use crate::{Account, Activity, Store};

/// An AWS that keeps its state in `dir`, if there is one, at noon of 1 January 2030.
fn ground(dir: Option<&Path>) -> Ground {
    let noon: Timestamp = "2030-01-01T12:00:00Z".parse().unwrap();
    ground_at(Clock::starting_at(noon, 1.0), dir)
}

fn ground_at(clock: Clock, dir: Option<&Path>) -> Ground {
    Ground {
        account: Account::local("http://127.0.0.1:4566"),
        clock,
        store: dir.map_or_else(Store::memory, Store::open).unwrap(),
        activity: Activity::new(),
    }
}

fn table(name: &str) -> TableSpec {
    let create = json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    });
    TableSpec { name: name.into(), create, ttl_attribute: Some("expires".into()) }
}

/// A client of a gateway that does nothing but proxy.
struct Sdk {
    address: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
    _gateway: JoinSet<()>,
}

impl Sdk {
    async fn of(dynamodb: Arc<DynamoDb>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut gateway = JoinSet::new();
        gateway.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let dynamodb = Arc::clone(&dynamodb);
                connections.spawn(async move {
                    let service = service_fn(|request| async {
                        Ok::<_, Infallible>(dynamodb.serve(request).await)
                    });
                    let stream = TokioIo::new(stream);
                    http1::Builder::new().serve_connection(stream, service).await.ok();
                });
            }
        });
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { address, client, _gateway: gateway }
    }

    /// The status and the bytes of the answer.
    async fn send(&self, operation: &str, body: &str) -> (u16, String) {
        let request = Request::post(format!("http://{}/", self.address))
            .header(CONTENT_TYPE, "application/x-amz-json-1.0")
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("x-amz-date", "20260101T000000Z")
            .header(http::header::AUTHORIZATION, SIGNED)
            .body(Full::from(body.to_owned()))
            .unwrap();
        let response = self.client.request(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.into()).unwrap())
    }
}

#[tokio::test]
async fn an_item_is_put_and_got_through_the_proxy() {
    let dynamodb = DynamoDb::open(&ground(None)).unwrap();
    dynamodb.create(&table("rows")).await.unwrap();
    let sdk = Sdk::of(Arc::clone(&dynamodb)).await;
    let item = r#"{"pk":{"S":"ż"},"n":{"N":"12345678901234567890123456789012345678"}}"#;
    let put = format!(r#"{{"TableName":"rows","Item":{item}}}"#);
    assert_eq!(sdk.send("PutItem", &put).await, (200, "{}".into()));
    let (status, got) = sdk.send("GetItem", r#"{"TableName":"rows","Key":{"pk":{"S":"ż"}}}"#).await;
    let (got, item): (Value, Value) =
        (serde_json::from_str(&got).unwrap(), serde_json::from_str(item).unwrap());
    assert_eq!((status, &got["Item"]), (200, &item));

    let (status, refused) = sdk.send("GetItem", r#"{"TableName":"none","Key":{}}"#).await;
    assert_eq!(status, 400);
    assert!(refused.contains("ResourceNotFoundException"), "{refused}");
    dynamodb.stop().await;
    let (status, ended) = sdk.send("PutItem", &put).await;
    assert_eq!(status, 500, "{ended}");
}

#[tokio::test]
async fn a_table_that_exists_is_kept_with_its_items() {
    let dir = tempfile::tempdir().unwrap();
    let first = DynamoDb::open(&ground(Some(dir.path()))).unwrap();
    first.create(&table("rows")).await.unwrap();
    let put = json!({"TableName": "rows", "Item": {"pk": {"S": "a"}}});
    first.call("PutItem", &put).await.unwrap();
    first.create(&table("rows")).await.unwrap();
    first.stop().await;

    let second = DynamoDb::open(&ground(Some(dir.path()))).unwrap();
    second.create(&table("rows")).await.unwrap();
    let scanned = second.call("Scan", &json!({"TableName": "rows"})).await.unwrap();
    assert_eq!(scanned["Items"], json!([{"pk": {"S": "a"}}]));
    second.stop().await;
}

#[tokio::test]
async fn a_refused_table_says_why() {
    let dynamodb = DynamoDb::open(&ground(None)).unwrap();
    let spec = TableSpec { create: json!({"TableName": "rows"}), ..table("rows") };
    let fault = dynamodb.create(&spec).await.unwrap_err();
    assert_eq!((fault.status, fault.code.as_str()), (400, "ValidationException"));
    assert!(!fault.message.is_empty());
}

#[tokio::test]
async fn what_has_expired_on_the_one_clock_is_swept() {
    let dynamodb = DynamoDb::open(&ground(None)).unwrap();
    dynamodb.create(&table("rows")).await.unwrap();
    // 2029 has passed on the clock of this AWS, 2031 has not.
    for (pk, expires) in [("past", "1861920000"), ("future", "1924992000")] {
        let item = json!({"pk": {"S": pk}, "expires": {"N": expires}});
        dynamodb.call("PutItem", &json!({"TableName": "rows", "Item": item})).await.unwrap();
    }
    assert_eq!(dynamodb.sweep_ttl().await, Ok(1));
    let scanned = dynamodb.call("Scan", &json!({"TableName": "rows"})).await.unwrap();
    assert_eq!(scanned["Items"][0]["pk"]["S"], "future");
    assert_eq!(scanned["Count"], 1);
}

/// The items that are left of one that expires when 2021 begins, which the machine's clock has
/// passed.
async fn left_of_2021(dynamodb: &DynamoDb) -> Value {
    dynamodb.create(&table("rows")).await.unwrap();
    let item = json!({"pk": {"S": "a"}, "expires": {"N": "1609459200"}});
    dynamodb.call("PutItem", &json!({"TableName": "rows", "Item": item})).await.unwrap();
    dynamodb.sweep_ttl().await.unwrap();
    let scanned = dynamodb.call("Scan", &json!({"TableName": "rows"})).await.unwrap();
    dynamodb.stop().await;
    scanned["Count"].clone()
}

#[tokio::test]
async fn what_is_kept_expires_by_no_other_clock() {
    let past: Timestamp = "2020-01-01T12:00:00Z".parse().unwrap();
    for (clock, left) in [(Clock::starting_at(past, 1.0), 1), (Clock::system(), 0)] {
        let dir = tempfile::tempdir().unwrap();
        let dynamodb = DynamoDb::open(&ground_at(clock, Some(dir.path()))).unwrap();
        assert_eq!(left_of_2021(&dynamodb).await, left, "{clock:?}");
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_in_the_files_that_a_kill_leaves() {
    let (dir, left) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dynamodb = DynamoDb::open(&ground(Some(dir.path()))).unwrap();
    dynamodb.create(&table("rows")).await.unwrap();
    let put = json!({"TableName": "rows", "Item": {"pk": {"S": "a"}}});
    dynamodb.call("PutItem", &put).await.unwrap();
    // A killed process leaves what it has written, without closing the database.
    for file in ["dynamodb.sqlite", "dynamodb.sqlite-wal"] {
        std::fs::copy(dir.path().join(file), left.path().join(file)).unwrap();
    }
    let restarted = DynamoDb::open(&ground(Some(left.path()))).unwrap();
    let scanned = restarted.call("Scan", &json!({"TableName": "rows"})).await.unwrap();
    assert_eq!(scanned["Items"], json!([{"pk": {"S": "a"}}]));
    dynamodb.stop().await;
    restarted.stop().await;
}
