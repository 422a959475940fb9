//! `longshore why QUEUE`: why a queue's fleet is as large as it is, and how it came to that.

use jiff::{SignedDuration, Timestamp};
use longshore::fleet::{CHANGES_KEPT, Change, Scaled, queue_name};
use longshore_engine::ports::Scaling as _;

use super::{
    OpsError, Stack, now, print_json,
    scale::{as_json, change_line, decided, numbers, troubled, wanted},
    spans::span,
    triggers::advice_on,
};
use crate::page::say;

/// How far back the story goes, unless it is said.
const STORY: SignedDuration = SignedDuration::from_hours(1);
/// Changes that a page shows; of more, the newest.
const CHANGES_SHOWN: usize = 60;
/// Changes that JSON has, each of less than a kilobyte.
const CHANGES_MAX: usize = 10_000;

pub(super) async fn why(
    stack: &Stack,
    name: &str,
    since: Option<SignedDuration>,
    is_json: bool,
) -> Result<(), OpsError> {
    let no_run = "is not the id of a run: 26 of a-z and 2-7, as `longshore runs` shows them; nor \
                  does the ledger know a queue of this name";
    let queue = known(stack, name, no_run).await?;
    let trouble = |error| stack.ledger_error(error);
    let now = now();
    let back = since.unwrap_or(STORY);
    let most = if is_json { CHANGES_MAX } else { CHANGES_SHOWN };
    let changes = stack.ledger.changes(&queue.queue, now - back, most).await;
    let mut changes = changes.map_err(trouble)?;
    changes.reverse();
    if is_json {
        print_json(&as_json(&queue, &changes));
    } else {
        say(&told(&queue, &changes, back, now));
    }
    Ok(())
}

/// The queue of this name, or what it is not and which there are.
pub(super) async fn known(stack: &Stack, name: &str, no_queue: &str) -> Result<Scaled, OpsError> {
    let trouble = |error| stack.ledger_error(error);
    if let Some(queue) = stack.ledger.scaled(queue_name(name)).await.map_err(trouble)? {
        return Ok(queue);
    }
    let names = stack.ledger.queues().await.map_err(trouble)?;
    let known = "a queue is known from the first time that the scaler's schedule names it";
    let advice = advice_on(name, &names, known);
    Err(OpsError::Said(format!("`{}` {no_queue}: {advice}", name.escape_debug())))
}

fn told(queue: &Scaled, changes: &[Change], back: SignedDuration, now: Timestamp) -> String {
    let numbers = numbers(queue);
    let stages = &queue.stages;
    let mut lines = vec![
        format!(
            "Queue {} has {:.0} messages that wait and {:.0} in flight; {:.2} come per second and \
             {:.2} are finished, of {:.1} s of work each.",
            queue.queue,
            numbers.visible,
            numbers.in_flight,
            numbers.arrivals_per_sec,
            numbers.completions_per_sec,
            numbers.service_secs
        ),
        format!(
            "Of its tasks {} receive, {} start and {} leave; {} are wanted. A task takes {:.0} s \
             to start.",
            stages.receiving,
            stages.starting,
            stages.draining,
            wanted(queue),
            numbers.launch_secs
        ),
        format!("Last decision, {}.", decided(queue, now)),
    ];
    lines.extend(queue.trouble.iter().map(|trouble| format!("{}.", troubled(trouble))));
    if queue.settings.shadow {
        lines.push("It is a shadow: decisions are written down, and nothing is done.".into());
    }
    let span = span(back);
    if changes.is_empty() {
        let further = if back < CHANGES_KEPT {
            "look further back with --since, up to 30d"
        } else {
            "no further back is anything kept"
        };
        lines.push(format!("\nNothing changed in the last {span}; {further}."));
        return lines.join("\n");
    }
    let is_cut = changes.len() >= CHANGES_SHOWN;
    let cut = if is_cut {
        format!(", the newest {CHANGES_SHOWN}; --json tells all")
    } else {
        String::new()
    };
    lines.push(format!("\nWhat changed in the last {span}{cut}:"));
    lines.extend(changes.iter().map(|change| change_line(change, now)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::ops::scale::tests::{changes, sample};

    #[test]
    fn a_queue_tells_its_story() {
        let at: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let queue = sample(at);
        let now = at + SignedDuration::from_secs(8);
        expect![[r#"
            Queue work has 12 messages that wait and 7 in flight; 2.50 come per second and 1.75 are finished, of 2.0 s of work each.
            Of its tasks 3 receive, 1 start and 0 leave; 6 are wanted. A task takes 22 s to start.
            Last decision, 8s ago: Scale out from 4 tasks to 6: 2.50 messages come per second, of 2.0 s of work each.

            What changed in the last 1h:
              2026-11-23T09:55:00Z    5m ago  would: Stay at 4 tasks: they are at work, or were needed a moment ago
              2026-11-23T10:00:00Z    8s ago  Scale out from 4 tasks to 6: 2.50 messages come per second, of 2.0 s of work each"#]].assert_eq(&told(&queue, &changes(&queue), STORY, now));
        let many = vec![changes(&queue)[0].clone(); CHANGES_SHOWN];
        let page = told(&queue, &many, SignedDuration::from_hours(30), now);
        assert!(
            page.contains("\nWhat changed in the last 1d 6h, the newest 60; --json tells all:")
        );
    }

    #[test]
    fn where_nothing_changed_it_says_how_far_back_it_looked() {
        let at: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let said = |back| told(&sample(at), &[], back, at).lines().last().unwrap().to_owned();
        let further = "Nothing changed in the last 1h; look further back with --since, up to 30d.";
        assert_eq!(said(STORY), further);
        let all = "Nothing changed in the last 30d; no further back is anything kept.";
        assert_eq!(said(CHANGES_KEPT), all);
    }
}
