//! A worker that is told to end in the middle of an object says how far it is.

use std::{io::Read as _, process::Stdio};

use super::*;
use crate::stand::LEDGER;

const ROWS: usize = 100_000;

/// A number in a log, behind `name`.
fn number(log: &str, name: &str) -> usize {
    let Some((_, rest)) = log.split_once(name) else { panic!("no `{name}`: {log}") };
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_gone_on_with_where_sigterm_broke_it_off() {
    let stand = Stand::of(&Template::of_repository().and(RESOURCES), &["--speed", "20"]);
    let url = url(&stand);
    let rows: Vec<_> = (0..ROWS).map(|row| format!("{row},x\n")).collect();
    let body = format!("id,v\n{}", rows.concat()).into_bytes().into();
    stand.s3.put_object().bucket(BUCKET).key("long.csv").body(body).send().await.unwrap();
    let worker = || {
        let mut command = command(&stand, &url);
        command.envs([("LONGSHORE_LEDGER", LEDGER), ("LONGSHORE_STOP_TIMEOUT", "4")]);
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut first = worker();
    let begun = || async { (!stand.items().await.is_empty()).then_some(()) };
    eventually("a row", begun).await;
    kill(first.id(), Signal::TERM);
    assert_eq!(first.wait().unwrap().code(), Some(0));
    let mut second = worker();
    emptied(&stand, &url).await;
    kill(second.id(), Signal::TERM);
    let mut log = String::new();
    second.stdout.take().unwrap().read_to_string(&mut log).unwrap();
    second.wait().unwrap();
    let (written, before) = (number(&log, "= written "), number(&log, "written before "));
    assert!(written > 0 && before > 0, "{written} {before}");
    assert_eq!(written + before, ROWS);
    assert_eq!(stand.items().await.len(), ROWS);
}
