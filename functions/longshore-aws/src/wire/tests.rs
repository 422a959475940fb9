//! The client against an endpoint that says what it is told to, and credentials that end.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future,
};
use bytes::Bytes;

use super::{
    Unserved, Wire,
    endpoint::{
        Reply::{self, Breaks, HangsUp, Says, SaysLast},
        Seen, clients, endpoint, nowhere,
    },
};

const EXPIRED: &str = r#"{"__type":"com.amazon.coral.service#ExpiredTokenException"}"#;
const UNSIGNED: &str = r#"{"__type":"com.amazon.coral.service#InvalidSignatureException"}"#;
const THROTTLED: &str = r#"{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow"}"#;

/// Gives keys that end after those seconds, one after the other: 0, 1, 2 …; then it fails.
#[derive(Clone, Debug)]
struct Keys(Arc<Mutex<VecDeque<(usize, u64)>>>);

impl Keys {
    fn lasting<const N: usize>(secs: [u64; N]) -> Self {
        Self(Arc::new(Mutex::new(secs.into_iter().enumerate().collect())))
    }
}

impl ProvideCredentials for Keys {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let next = self.0.lock().unwrap().pop_front();
        future::ProvideCredentials::ready(match next {
            Some((number, secs)) => {
                let end = SystemTime::now() + Duration::from_secs(secs);
                Ok(Credentials::new(format!("KEY{number}"), "secret", None, Some(end), "test"))
            }
            None => Err(CredentialsError::not_loaded("no more keys")),
        })
    }
}

/// Makes `count` calls; how each went, and which connection and key each was sent with that came.
async fn check<const N: usize>(secs: [u64; N], replies: &[Reply], count: usize) -> String {
    let (url, seen) = endpoint(replies.to_vec());
    let clients =
        clients(&url).await.signed_by(SharedCredentialsProvider::new(Keys::lasting(secs)));
    let wire = Wire::new(&clients, url.parse().unwrap(), "sqs").unwrap();
    let mut went = Vec::new();
    for _ in 0..count {
        went.push(match wire.call("T", Bytes::from_static(b"{}")).await {
            Ok(answer) => String::from_utf8(answer.to_vec()).unwrap(),
            Err(Unserved::Refused(refusal)) => refusal.said(),
            Err(Unserved::Lost(_)) => "lost".into(),
            Err(Unserved::Silence(_)) => "silence".into(),
            Err(Unserved::Unsignable(words)) => words,
        });
    }
    let call = |Seen { connection, head, .. }| {
        let key = head.split("credential=").nth(1).unwrap().split('/').next().unwrap().to_owned();
        format!("{connection}:{key}")
    };
    let calls: Vec<_> = seen.try_iter().map(call).collect();
    format!("{} <- {}", went.join(", "), calls.join(" "))
}

#[tokio::test]
async fn credentials_are_kept_until_shortly_before_their_end() {
    let said = check([3600], &[Says(200, "a"), Says(200, "b")], 2).await;
    assert_eq!(said, "a, b <- 0:key0 0:key0");
    let said = check([100, 3600], &[Says(200, "a"), Says(200, "b"), Says(200, "c")], 3).await;
    assert_eq!(said, "a, b, c <- 0:key0 0:key1 0:key1");
}

#[tokio::test]
async fn credentials_that_cannot_be_renewed_yet_are_good_until_their_end() {
    assert_eq!(check([100], &[Says(200, "a"), Says(200, "b")], 2).await, "a, b <- 0:key0 0:key0");
    assert_eq!(check([0], &[Says(200, "a"), Says(200, "b")], 2).await, "a, lost <- 0:key0");
}

#[tokio::test]
async fn refused_credentials_are_renewed_at_once_and_once() {
    for refused in [EXPIRED, UNSIGNED] {
        let said = check([3600; 2], &[Says(403, refused), Says(200, "a"), Says(200, "b")], 2).await;
        assert_eq!(said, "a, b <- 0:key0 0:key1 0:key1");
    }
    let replies = [Says(403, EXPIRED), Says(403, EXPIRED), Says(200, "a")];
    let said = check([3600; 3], &replies, 2).await;
    assert_eq!(said, "ExpiredTokenException (403): , a <- 0:key0 0:key1 0:key1");
}

#[tokio::test]
async fn any_other_refusal_is_told_at_once() {
    let replies = [Says(400, THROTTLED), Says(503, "<html>"), Says(200, "a")];
    let said = check([3600; 2], &replies, 3).await;
    assert_eq!(said, "RequestThrottled (400): slow,  (503): , a <- 0:key0 0:key0 0:key0");
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_replaced() {
    let said = check([3600], &[SaysLast(200, "a"), Says(200, "b")], 2).await;
    assert_eq!(said, "a, b <- 0:key0 1:key0");
    let said = check([3600], &[Says(200, "a"), HangsUp, Says(200, "b")], 2).await;
    assert_eq!(said, "a, b <- 0:key0 0:key0 1:key0");
}

#[tokio::test]
async fn a_new_connection_is_not_replaced_within_a_call() {
    let said = check([3600], &[HangsUp, Says(200, "a")], 2).await;
    assert_eq!(said, "silence, a <- 0:key0 1:key0");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_asked_for_again() {
    let said =
        check([3600], &[Says(200, "a"), Breaks("{\"Messages\":[]}"), Says(200, "b")], 3).await;
    assert_eq!(said, "a, lost, b <- 0:key0 0:key0 1:key0");
}

#[tokio::test]
async fn nobody_there_is_silence() {
    let url = nowhere();
    let wire = Wire::new(&clients(&url).await, url.parse().unwrap(), "sqs").unwrap();
    let answer = wire.call("T", Bytes::from_static(b"{}")).await;
    assert!(matches!(answer, Err(Unserved::Silence(_))));
}
