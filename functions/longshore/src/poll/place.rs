//! How often a message came ─▶ whether it is worked on beside others, alone, or not at all.

use super::{Marks, Past};

/// A message that came back more often than this, without any work on it having come to an end, may
/// be what ends its workers.
const CRASHES_BESIDE_MAX: u32 = 2;
/// At least so many workers have ended over a message alone before it is given up, however few tries
/// it has: one of them may have been killed for another reason.
const CRASHES_ALONE_MIN: u32 = 3;

/// Where a message is worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Beside others.
    Beside,
    /// With no other message at work, so that it takes none with it.
    Alone,
    /// Nowhere: it is set aside for this reason.
    Aside(String),
}

/// Where a message is worked on that was received `receives` times, of which `past` is known here and
/// `marks` to all, if work that ends badly is tried `tries` times.
///
/// The count of a queue does not tell a crash from a hand-back in order elsewhere, so it only makes a
/// suspect. Who is suspected wrongly is worked on all the same, only alone; set aside is who was seen
/// to begin alone, and not to end, again and again.
#[must_use]
pub fn place(receives: u32, past: Past, marks: &Marks, tries: u32) -> Place {
    let crashes = marks.crashes();
    if crashes >= tries.max(CRASHES_ALONE_MIN) {
        return Place::Aside(format!(
            "it was received {receives} times, and {crashes} times a worker had nothing else at work \
             and did not live to see its end: it seems to end whoever works on it"
        ));
    }
    beside_unless(unexplained(receives, past, marks))
}

/// Where a run is worked on whose message was received so often, and which has lost so many workers
/// before that message was sent. Whether it is given up is the ledger's to say.
#[must_use]
pub fn place_of_run(receives: u32, past: Past, losses: u32) -> Place {
    let unexplained = unexplained(receives, past, &Marks::default());
    beside_unless(unexplained.saturating_add(losses))
}

/// Receives after which no word came of an end.
fn unexplained(receives: u32, past: Past, marks: &Marks) -> u32 {
    receives.saturating_sub(1).saturating_sub(past.explained.max(marks.ended))
}

/// Whether others would suspect a message that is handed back now, and knew nothing of its end.
#[must_use]
pub(super) fn may_be_suspected(receives: u32) -> bool {
    receives > CRASHES_BESIDE_MAX
}

fn beside_unless(unexplained: u32) -> Place {
    if unexplained > CRASHES_BESIDE_MAX { Place::Alone } else { Place::Beside }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    fn marks(begun: std::ops::Range<u32>, ended: u32) -> Marks {
        Marks { begun: begun.collect(), ended, ..Marks::default() }
    }

    #[test]
    fn the_table_of_receives() {
        let past = |explained| Past { explained, ..Past::default() };
        let mut table = Vec::new();
        for receives in 0..=10 {
            let known = [
                (past(0), Marks::default()),
                (past(3), Marks::default()),
                (past(0), marks(0..0, receives.max(1) - 1)),
                (past(0), marks(4..receives, 0)),
                (past(0), marks(4..receives, 6)),
            ];
            let cells = known.map(|(past, marks)| match place(receives, past, &marks, 5) {
                Place::Aside(_) => "aside".to_owned(),
                place => format!("{place:?}").to_lowercase(),
            });
            table.push(format!("{receives:>2}: {}\n", cells.join(" | ")));
        }
        expect![[r#"
             0: beside | beside | beside | beside | beside
             1: beside | beside | beside | beside | beside
             2: beside | beside | beside | beside | beside
             3: beside | beside | beside | beside | beside
             4: alone | beside | beside | alone | beside
             5: alone | beside | beside | alone | beside
             6: alone | beside | beside | alone | beside
             7: alone | alone | beside | alone | beside
             8: alone | alone | beside | alone | beside
             9: alone | alone | beside | aside | beside
            10: alone | alone | beside | aside | alone
        "#]]
        .assert_eq(&table.concat());
        let few = |crashes: u32| place(9, past(0), &marks(4..4 + crashes, 0), 1);
        assert_eq!(few(2), Place::Alone);
        assert!(matches!(few(3), Place::Aside(_)));
    }

    #[test]
    fn a_run_that_has_lost_workers_is_alone_and_never_set_aside() {
        let place = |receives, losses| place_of_run(receives, Past::default(), losses);
        assert_eq!([place(1, 2), place(2, 1), place(3, 0)], [(); 3].map(|()| Place::Beside));
        assert_eq!([place(1, 3), place(2, 2), place(900, 19)], [(); 3].map(|()| Place::Alone));
        let handed_back = Past { explained: 5, unworked: 5, ..Past::default() };
        assert_eq!(place_of_run(6, handed_back, 0), Place::Beside);
    }

    proptest! {
        #[test]
        fn nobody_is_set_aside_for_having_come_often(
            receives: u32, explained: u32, ended: u32, begun in 0_u32..5,
        ) {
            let past = Past { explained, ..Past::default() };
            let place = place(receives, past, &marks(0..begun, ended), 5);
            prop_assert!(!matches!(place, Place::Aside(_)), "five have to be seen");
        }

        #[test]
        fn what_has_ended_is_never_held_against_it(receives: u32, begun in 0_u32..50, tries: u32) {
            let known = marks(0..begun, receives);
            prop_assert_eq!(place(receives, Past::default(), &known, tries), Place::Beside);
            let past = Past { explained: receives, ..Past::default() };
            prop_assert_eq!(place(receives, past, &Marks::default(), tries), Place::Beside);
        }
    }
}
