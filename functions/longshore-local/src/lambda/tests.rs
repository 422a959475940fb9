//! Lambda's promises, with real processes on the real Runtime API.

use std::time::Duration;

use bytes::Bytes;
use expect_test::expect;
use http::StatusCode;
use serde_json::Value;
use tokio::{
    join,
    time::{sleep, timeout},
};

use super::{
    Invoked, Lambda,
    fake::{Ear, PATIENCE, PLAYED, ground, lambda, spec},
};
use crate::{Clock, Fault, Happening, template::FunctionSpec};

fn error_of(invoked: Result<Invoked, Fault>) -> (String, String) {
    let invoked = invoked.unwrap();
    assert_eq!((invoked.status, invoked.function_error.as_deref()), (200, Some("Unhandled")));
    let error: Value = serde_json::from_slice(&invoked.payload).unwrap();
    let message = error["errorMessage"].as_str().unwrap().replace(&invoked.request_id, "ID");
    (error["errorType"].as_str().unwrap().into(), message)
}

#[tokio::test]
async fn an_event_and_its_response_pass_byte_for_byte() {
    let (lambda, ground, mut ear) = lambda(spec(PLAYED));
    let event = Bytes::from_static(b"{\"n\": 12345678901234567890 ,\n \"n\":1e400}");
    let answer = Bytes::from_static(b" [98765432109876543210,\t0.10] ");
    let (invoked, ()) = join!(lambda.invoke("f", event.clone()), async {
        let runtime = ear.runtime().await;
        let before_ms = Clock::system().now_ms();
        let (headers, got) = runtime.next().await;
        assert_eq!(got, event);
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        let deadline_ms: i64 = header("lambda-runtime-deadline-ms").parse().unwrap();
        assert!((before_ms + 60_000..before_ms + 120_000).contains(&deadline_ms));
        assert_eq!(
            header("lambda-runtime-invoked-function-arn"),
            "arn:aws:lambda:us-east-1:000000000000:function:f"
        );
        assert!(header("lambda-runtime-trace-id").starts_with("Root=1-"));
        let id = header("lambda-runtime-aws-request-id");
        let unknown = runtime.post("invocation/unknown/response", "1").await;
        assert_eq!(unknown, StatusCode::BAD_REQUEST);
        let path = format!("invocation/{id}/response");
        assert_eq!(runtime.post(&path, answer.clone()).await, StatusCode::ACCEPTED);
        let again = runtime.post(&path, "2").await;
        assert_eq!(again, StatusCode::BAD_REQUEST, "an invocation is answered once");
    });
    let invoked = invoked.unwrap();
    assert_eq!((invoked.status, invoked.function_error), (200, None));
    assert_eq!(invoked.payload, answer);
    let log = std::fs::read_to_string(ground.store.dir().join("logs/f.log")).unwrap();
    assert!(log.starts_with("played 127.0.0.1:"), "{log}");
    lambda.stop_all().await;
}

#[tokio::test]
async fn an_idle_instance_is_used_again_and_a_dead_one_is_not() {
    let (lambda, _, mut ear) = lambda(spec(PLAYED));
    let (_, runtime) = join!(lambda.invoke("f", Bytes::new()), async {
        let runtime = ear.runtime().await;
        runtime.answer("1").await;
        runtime
    });
    let (second, _) = join!(lambda.invoke("f", Bytes::new()), runtime.answer("2"));
    assert_eq!(second.unwrap().payload, "2");

    let (third, ()) = join!(lambda.invoke("f", Bytes::new()), async {
        runtime.crash();
        let other = ear.runtime().await;
        assert!(other.is_alive() && !runtime.is_alive());
        other.answer("3").await;
    });
    assert_eq!(third.unwrap().payload, "3", "nothing had happened, so another was asked");
    lambda.stop_all().await;
}

#[tokio::test]
async fn invocations_at_once_have_an_instance_each_up_to_the_reserved_concurrency() {
    let (lambda, _, mut ear) = lambda(FunctionSpec { concurrency_max: Some(2), ..spec(PLAYED) });
    let (one, two, ()) =
        join!(lambda.invoke("f", Bytes::new()), lambda.invoke("f", Bytes::new()), async {
            let (first, second) = (ear.runtime().await, ear.runtime().await);
            let fault = lambda.invoke("f", Bytes::new()).await.unwrap_err();
            assert_eq!((fault.status, fault.code.as_str()), (429, "TooManyRequestsException"));
            join!(first.answer("1"), second.answer("2"));
        });
    assert_ne!(one.unwrap().payload, two.unwrap().payload);
    lambda.stop_all().await;
}

#[tokio::test]
async fn a_crash_before_the_answer_fails_the_invocation() {
    let (lambda, _, mut ear) = lambda(spec(PLAYED));
    let (invoked, ()) = join!(lambda.invoke("f", Bytes::new()), async {
        let runtime = ear.runtime().await;
        runtime.next().await;
        runtime.crash();
    });
    let (kind, message) = error_of(invoked);
    assert_eq!(kind, "Runtime.ExitError");
    expect!["RequestId: ID Error: Runtime exited with error: signal: segmentation fault"]
        .assert_eq(&message);
    let reason = ear
        .hear(|happening| match happening {
            Happening::FunctionFailed { reason, .. } => Some(reason),
            _ => None,
        })
        .await;
    assert!(reason.starts_with("Runtime.ExitError: "), "{reason}");
}

#[tokio::test]
async fn a_process_that_ends_at_once_fails_the_invocation_after_its_last_words() {
    let (lambda, _, mut ear) = lambda(spec("echo no config >&2; exit 64"));
    let (kind, message) = error_of(lambda.invoke("f", Bytes::new()).await);
    assert_eq!(kind, "Runtime.ExitError");
    expect!["RequestId: ID Error: Runtime exited with error: exit status 64"].assert_eq(&message);
    let told = ear.hear(|it| (!matches!(it, Happening::FunctionInvoked { .. })).then_some(it));
    let printed = Happening::Printed { from: "f".into(), line: "no config".into() };
    assert_eq!(told.await, printed);
}

#[tokio::test]
async fn an_init_error_is_what_the_caller_gets() {
    let (lambda, _, mut ear) = lambda(spec(PLAYED));
    let (invoked, ()) = join!(lambda.invoke("f", Bytes::new()), async {
        let error = r#"{"errorMessage":"no TABLE","errorType":"Config"}"#;
        let status = ear.runtime().await.post("init/error", error).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    });
    assert_eq!(error_of(invoked), ("Config".into(), "no TABLE".into()));
}

#[tokio::test]
async fn a_function_error_leaves_the_instance_alive() {
    let (lambda, _, mut ear) = lambda(spec(PLAYED));
    let (invoked, runtime) = join!(lambda.invoke("f", Bytes::new()), async {
        let runtime = ear.runtime().await;
        let (headers, _) = runtime.next().await;
        let id = headers["lambda-runtime-aws-request-id"].to_str().unwrap();
        let error = r#"{"errorType":"Poison","errorMessage":"row 7"}"#;
        runtime.post(&format!("invocation/{id}/error"), error).await;
        runtime
    });
    assert_eq!(error_of(invoked), ("Poison".into(), "row 7".into()));
    let (invoked, _) = join!(lambda.invoke("f", Bytes::new()), runtime.answer("1"));
    assert_eq!(invoked.unwrap().function_error, None);
    lambda.stop_all().await;
}

#[tokio::test]
async fn an_overlong_invocation_is_killed_at_its_timeout() {
    let (lambda, _, mut ear) = lambda(FunctionSpec { timeout_secs: 1, ..spec(PLAYED) });
    let (invoked, runtime) = join!(lambda.invoke("f", Bytes::new()), async {
        let runtime = ear.runtime().await;
        runtime.next().await;
        runtime
    });
    let (kind, message) = error_of(invoked);
    assert_eq!(kind, "Sandbox.Timedout");
    expect!["RequestId: ID Error: Task timed out after 1.00 seconds"].assert_eq(&message);
    assert!(!runtime.is_alive());
}

#[tokio::test]
async fn a_response_above_6_mb_is_refused() {
    let (lambda, _, mut ear) = lambda(spec(PLAYED));
    let (invoked, status) = join!(lambda.invoke("f", Bytes::new()), async {
        let runtime = ear.runtime().await;
        let (headers, _) = runtime.next().await;
        let id = headers["lambda-runtime-aws-request-id"].to_str().unwrap();
        runtime.post(&format!("invocation/{id}/response"), vec![b'1'; 6_291_557]).await
    });
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(error_of(invoked).0, "Function.ResponseSizeTooLarge");
    lambda.stop_all().await;
}

#[tokio::test]
async fn a_function_that_cannot_start_says_how_to_give_a_command() {
    let none = FunctionSpec { command: None, ..spec("") };
    let (lambda, ..) = lambda(none);
    let fault = lambda.invoke("f", Bytes::new()).await.unwrap_err();
    expect!["InvalidRuntimeException: function `f` has no command on this machine: give one in the template as `Metadata: {Local: {Command: [...]}}` of `F`, or with --function F='command'"]
        .assert_eq(&fault.to_string());

    let absent = Some(vec!["/no/such/program".to_owned()]);
    lambda.create(FunctionSpec { command: absent, ..spec("") }).unwrap();
    let (kind, message) = error_of(lambda.invoke("f", Bytes::new()).await);
    assert_eq!(kind, "Runtime.InvalidEntrypoint");
    assert!(message.contains("cannot start `/no/such/program`"), "{message}");
}

#[tokio::test]
async fn stopping_ends_every_process_also_those_that_ignore_sigterm() {
    let stubborn = "trap '' TERM; echo played $AWS_LAMBDA_RUNTIME_API $$; sleep 600 & wait; wait";
    let (lambda, _, mut ear) = lambda(spec(stubborn));
    let (invoked, runtime) = join!(lambda.invoke("f", Bytes::new()), async {
        let runtime = ear.runtime().await;
        lambda.stop_all().await;
        runtime
    });
    assert!(!runtime.is_alive());
    assert_eq!(invoked.unwrap_err().status, 503);
    assert_eq!(lambda.invoke("f", Bytes::new()).await.unwrap_err().status, 503);
}

#[tokio::test]
async fn an_instance_without_work_ends_after_five_minutes() {
    // Five minutes in 50 ms.
    let ground = ground(Clock::starting_at(Clock::system().now(), 6_000.0));
    let mut ear = Ear::new(&ground);
    let lambda = Lambda::open(ground).unwrap();
    lambda.create(spec(PLAYED)).unwrap();
    let (invoked, runtime) = join!(lambda.invoke("f", Bytes::new()), async {
        let runtime = ear.runtime().await;
        runtime.answer("1").await;
        runtime
    });
    assert_eq!(invoked.unwrap().payload, "1");
    let ended = async {
        while runtime.is_alive() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, ended).await.expect("the instance ends");
}
