//! What chaos promises: one seed is one sequence, nothing beyond what AWS may do, never too much.

mod agent;
mod decisions;
mod deliveries;
mod wire;

use jiff::Timestamp;

use super::Chaos;
use crate::{Account, Activity, Clock, Ground, Store};

fn ground() -> Ground {
    Ground {
        account: Account::local("http://127.0.0.1:4566"),
        clock: Clock::starting_at(Timestamp::UNIX_EPOCH, 1.0),
        store: Store::memory().unwrap(),
        activity: Activity::new(),
    }
}

fn chaos(seed: u64) -> Chaos {
    Chaos::new(seed, ground())
}
