//! What the ends of a tick's shards mean together.

use super::{
    outcome::{Class, Outcome},
    state::{Run, State},
};

/// Most failed shards that are named in a reason.
const NAMED_MAX: usize = 3;

/// The outcome of a tick whose shards these are, in their order, once all of them have ended.
#[must_use]
pub fn all_ended(shards: &[Option<Run>]) -> Option<Outcome> {
    let is_over = |shard: &Option<Run>| shard.as_ref().is_none_or(|run| run.state.is_terminal());
    if !shards.iter().all(is_over) {
        return None;
    }
    let mut undone: Vec<(usize, Option<&Run>)> =
        shards.iter().map(Option::as_ref).enumerate().collect();
    undone.retain(|(_, run)| run.is_none_or(|run| run.state != State::Succeeded));
    if undone.is_empty() {
        let reason = format!("all {} shards are done", shards.len());
        return Some(Outcome::new(Class::Succeeded, reason));
    }
    // A failure says more than the end of a shard that somebody stopped.
    undone.sort_by_key(|(_, run)| run.is_none_or(|run| run.state != State::Failed));
    let first = undone.iter().find_map(|(_, run)| run.and_then(|run| run.outcome.clone()));
    let first = first.unwrap_or_else(|| Outcome::new(Class::Unknown, ""));
    let mut named: Vec<String> = undone.iter().take(NAMED_MAX).map(|it| told(it.0, it.1)).collect();
    if undone.len() > NAMED_MAX {
        named.push(format!("and {} more", undone.len() - NAMED_MAX));
    }
    let (count, of) = (undone.len(), shards.len());
    let reason = format!("{count} of {of} shards are not done: {}", named.join("; "));
    Some(Outcome { reason, ..first })
}

fn told(number: usize, run: Option<&Run>) -> String {
    let Some(run) = run else { return format!("shard {number}: its run is not there any more") };
    let reason = run.outcome.as_ref().map_or("", |outcome| outcome.reason.as_str());
    format!("shard {number} (run {}): {reason}", run.id)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::run::samples::admitted;

    fn ended(class: Class, reason: &str) -> Run {
        let outcome = Some(Outcome { exit_code: Some(1), ..Outcome::new(class, reason) });
        Run { state: class.state(), outcome, ..admitted() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
    fn check(shards: &[Option<Run>], expected: Expect) {
        let outcome = all_ended(shards).unwrap();
        expected.assert_eq(&format!("{}: {}", outcome.class.word(), outcome.reason));
    }

    #[test]
    fn a_tick_ends_with_the_last_of_its_shards() {
        let done = || Some(ended(Class::Succeeded, "the work is done"));
        assert_eq!(all_ended(&[done(), Some(admitted())]), None);
        check(&[done(), done()], expect!["succeeded: all 2 shards are done"]);
    }

    #[test]
    fn what_is_not_done_is_named_the_failures_first() {
        let done = || Some(ended(Class::Succeeded, "the work is done"));
        let cancelled = || Some(ended(Class::Cancelled, "cancelled by ann"));
        let failed = || Some(ended(Class::Rejected, "exit code 3"));
        check(
            &[done(), cancelled(), failed()],
            expect![
                "rejected: 2 of 3 shards are not done: shard 2 (run fnncn5fq4zf5bmduclp3522rj2): exit code 3; shard 1 (run fnncn5fq4zf5bmduclp3522rj2): cancelled by ann"
            ],
        );
        check(
            &[cancelled(), done()],
            expect![
                "cancelled: 1 of 2 shards are not done: shard 0 (run fnncn5fq4zf5bmduclp3522rj2): cancelled by ann"
            ],
        );
        check(
            &[None, done()],
            expect!["unknown: 1 of 2 shards are not done: shard 0: its run is not there any more"],
        );
        check(
            &[failed(), failed(), failed(), failed(), failed()],
            expect![
                "rejected: 5 of 5 shards are not done: shard 0 (run fnncn5fq4zf5bmduclp3522rj2): exit code 3; shard 1 (run fnncn5fq4zf5bmduclp3522rj2): exit code 3; shard 2 (run fnncn5fq4zf5bmduclp3522rj2): exit code 3; and 2 more"
            ],
        );
    }
}
