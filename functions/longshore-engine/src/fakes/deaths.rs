//! A process that dies at each of its calls in turn.

use super::{Cloud, Death};

/// More than the calls that any flow makes.
const CALLS_MAX: u32 = 1_000;

/// Plays `flow` once for each of its calls and each way to die there, from the same `scene`, and
/// then, with a process that lives, `after`; gives how often it died.
pub(crate) fn at_every_call<S, T>(
    scene: impl Fn() -> (Cloud, S),
    flow: impl Fn(&Cloud, &S) -> T,
    after: impl Fn(&Cloud, &S, T, &str),
) -> u32 {
    let mut deaths = 0;
    for death in [Death::Before, Death::After] {
        for nth in 0.. {
            assert!(nth < CALLS_MAX, "the flow does not end");
            let (cloud, start) = scene();
            cloud.process.at(nth, death);
            let answer = flow(&cloud, &start);
            if !cloud.restart() {
                break;
            }
            deaths += 1;
            after(&cloud, &start, answer, &format!("{death:?} call {nth}"));
        }
    }
    deaths
}
