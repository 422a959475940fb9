//! Held messages ─▶ those that may be begun now.

use std::collections::BTreeSet;

/// A message that waits for its turn, in the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting<'a> {
    /// Its group, if the queue keeps the order of groups.
    pub group: Option<&'a str>,
    /// Whether it is worked on with nothing beside it.
    pub alone: bool,
}

/// Places in `waiting` of those to begin now, beside `at_work` messages, of which the last may be one
/// that is worked on alone; `busy` groups have one at work, or one whose end SQS does not know yet.
///
/// Of a group one is worked on at a time, in order. One that is to be alone waits until nothing else
/// is at work or can be.
#[must_use]
pub fn turns(
    waiting: &[Waiting<'_>],
    at_work: usize,
    alone_at_work: bool,
    busy: &BTreeSet<&str>,
) -> Vec<usize> {
    if alone_at_work {
        return Vec::new();
    }
    let mut passed = BTreeSet::new();
    let first: Vec<usize> = (0..waiting.len())
        .filter(|&place| {
            let group = waiting[place].group;
            group.is_none_or(|group| !busy.contains(group) && passed.insert(group))
        })
        .collect();
    let beside: Vec<usize> = first.iter().copied().filter(|&place| !waiting[place].alone).collect();
    if !beside.is_empty() {
        return beside;
    }
    if at_work > 0 { Vec::new() } else { first.into_iter().take(1).collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(waiting: &str, at_work: usize, busy: &[&str], expected: &[usize]) {
        let waiting: Vec<_> = waiting.split_whitespace().map(read).collect();
        let busy = busy.iter().copied().collect();
        assert_eq!(turns(&waiting, at_work, false, &busy), expected, "{waiting:?}");
        assert!(turns(&waiting, at_work, true, &busy).is_empty());
    }

    /// `a` of group a, `-` of none, `!` alone.
    fn read(word: &str) -> Waiting<'_> {
        let group = word.trim_end_matches('!');
        Waiting { group: (group != "-").then_some(group), alone: word.ends_with('!') }
    }

    #[test]
    fn the_table_of_turns() {
        check("", 0, &[], &[]);
        check("- - -", 5, &[], &[0, 1, 2]);
        check("a a b a b c", 1, &["c"], &[0, 2]);
        check("a a", 1, &["a"], &[]);
        check("-! - -!", 0, &[], &[1]);
        check("-! -!", 0, &[], &[0]);
        check("-! -!", 1, &[], &[]);
        check("a! a b", 0, &[], &[2]);
        check("a! a", 0, &[], &[0]);
        check("a! a b", 1, &["b"], &[]);
    }

    proptest! {
        #[test]
        fn order_and_solitude_are_kept(
            waiting in prop::collection::vec((0_usize..5, prop::bool::weighted(0.2)), 0..20),
            at_work in 0_usize..3, busy in prop::collection::btree_set(0_usize..4, 0..3),
        ) {
            const GROUPS: [&str; 4] = ["a", "b", "c", "d"];
            let busy: BTreeSet<&str> = busy.iter().map(|n| GROUPS[*n]).collect();
            let waiting: Vec<_> = waiting.iter()
                .map(|(n, alone)| Waiting { group: GROUPS.get(*n).copied(), alone: *alone })
                .collect();
            let begun = turns(&waiting, at_work, false, &busy);
            for place in &begun {
                let Waiting { group, alone } = waiting[*place];
                prop_assert!(!alone || (at_work == 0 && begun.len() == 1));
                if let Some(group) = group {
                    prop_assert!(!busy.contains(group));
                    prop_assert!(waiting[..*place].iter().all(|it| it.group != Some(group)));
                }
            }
            // Somebody gets on unless somebody else has to first.
            let can = waiting.iter().any(|it| it.group.is_none_or(|group| !busy.contains(group)));
            prop_assert!(!begun.is_empty() || at_work > 0 || !can);
        }
    }
}
