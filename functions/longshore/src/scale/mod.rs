//! How many tasks a queue needs: what was observed ─▶ a decision, with its reason and numbers.
//!
//! ```text
//! settings ─▶ Policy                          Observation ─▶ reading, if it can be believed
//! service   1  how long a message takes       launches  how long a task takes to start
//! arrivals  2  what came, by conservation     surge  3  does it come faster, or slower, than it did
//! steady    4  tasks for the arrival rate     patience  4  whether the last of them can wait
//! backlog, deadline  5  tasks for what waits
//! bounds    6  never more than messages       hold   7  tasks leave later than they could
//! ```
//!
//! [`decide`] is the whole of it. It learns in [`State`], which the ledger keeps between two ticks;
//! recorded observations give the same decisions again, bit for bit.

mod arrivals;
mod backlog;
mod bounds;
mod completions;
mod deadline;
mod decide;
mod decision;
mod fleet;
mod hold;
mod launches;
mod noise;
mod number;
mod observe;
mod patience;
mod policy;
#[cfg(test)]
mod samples;
mod service;
mod state;
mod steady;
mod supply;
mod surge;
mod warnings;
mod words;

pub use decide::decide;
pub use decision::{Decision, Numbers, Reason, Urgent};
pub use observe::{Draining, Finished, Observation, Reading};
pub use policy::{BadSettings, Bias, Policy, Settings};
pub use state::State;
pub use warnings::Warning;
