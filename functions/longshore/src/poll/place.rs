//! How often a message came ─▶ whether it is worked on beside others, alone, or not at all.

use super::Past;

/// A message that came back more often than this, without any work on it having come to an end, may
/// be what ends its workers.
const CRASHES_BESIDE_MAX: u32 = 2;
/// So many more returns are given to one that is worked on alone: when a worker ends, what waited
/// behind the culprit has come back too.
const CRASHES_SPARED: u32 = 3;

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

/// Where a message is worked on that was received `receives` times and of which `past` is known
/// here, if work that ends badly is tried `tries` times.
///
/// The count of a queue does not tell a crash from a failure in order elsewhere. Who is suspected
/// wrongly is worked on all the same, only alone.
#[must_use]
pub fn place(receives: u32, past: Past, tries: u32) -> Place {
    let unexplained = unexplained(receives, past);
    if unexplained >= tries.saturating_add(CRASHES_SPARED) {
        return Place::Aside(format!(
            "it was received {receives} times, and after {unexplained} of them no word came of its \
             end: it seems to end whoever works on it"
        ));
    }
    beside_unless(unexplained)
}

/// Where a run is worked on whose message was received so often, and which has lost so many workers
/// before that message was sent. Whether it is given up is the ledger's to say.
#[must_use]
pub fn place_of_run(receives: u32, past: Past, losses: u32) -> Place {
    beside_unless(unexplained(receives, past).saturating_add(losses))
}

/// Receives after which no word came of an end.
fn unexplained(receives: u32, past: Past) -> u32 {
    receives.saturating_sub(1).saturating_sub(past.ended.saturating_add(past.unworked))
}

fn beside_unless(unexplained: u32) -> Place {
    if unexplained > CRASHES_BESIDE_MAX { Place::Alone } else { Place::Beside }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_table_of_receives() {
        let past = |ended, unworked| Past { ended, unworked, done: false };
        let mut table = Vec::new();
        for receives in 0..=10 {
            let cells = [past(0, 0), past(1, 2), past(receives, 0)].map(|past| {
                match place(receives, past, 5) {
                    Place::Aside(_) => "aside".to_owned(),
                    place => format!("{place:?}").to_lowercase(),
                }
            });
            table.push(format!("{receives:>2}: {}\n", cells.join(" | ")));
        }
        expect![[r#"
             0: beside | beside | beside
             1: beside | beside | beside
             2: beside | beside | beside
             3: beside | beside | beside
             4: alone | beside | beside
             5: alone | beside | beside
             6: alone | beside | beside
             7: alone | alone | beside
             8: alone | alone | beside
             9: aside | alone | beside
            10: aside | alone | beside
        "#]]
        .assert_eq(&table.concat());
    }

    #[test]
    fn a_run_that_has_lost_workers_is_alone_and_never_set_aside() {
        let place = |receives, losses| place_of_run(receives, Past::default(), losses);
        assert_eq!([place(1, 2), place(2, 1), place(3, 0)], [(); 3].map(|()| Place::Beside));
        assert_eq!([place(1, 3), place(2, 2), place(900, 19)], [(); 3].map(|()| Place::Alone));
        let handed_back = Past { unworked: 5, ..Past::default() };
        assert_eq!(place_of_run(6, handed_back, 0), Place::Beside);
    }

    proptest! {
        #[test]
        fn nobody_is_set_aside_who_was_not_worked_on_alone(
            receives in 1_u32..200, ended in 0_u32..200, unworked in 0_u32..200, tries in 1_u32..100,
        ) {
            let past = Past { ended, unworked, done: false };
            if let Place::Aside(_) = place(receives, past, tries) {
                prop_assert_eq!(place(receives - 1, past, tries), match receives - 1 {
                    less if less - 1 - ended - unworked >= tries + CRASHES_SPARED => {
                        place(less, past, tries)
                    }
                    _ => Place::Alone,
                });
                prop_assert!(receives > tries, "every one of its tries was spent");
            }
        }

        #[test]
        fn what_is_known_to_have_ended_is_never_held_against_it(
            receives: u32, tries in 1_u32..100,
        ) {
            let past = Past { ended: receives, unworked: 0, done: false };
            prop_assert_eq!(place(receives, past, tries), Place::Beside);
        }
    }
}
