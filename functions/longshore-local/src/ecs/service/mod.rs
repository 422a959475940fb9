//! Services: so many tasks of one definition, kept running, scaled, and rolled over.
//!
//! ```text
//! CreateService, UpdateService ─▶ record ─▶ keep ─▶ turn: settle ─▶ decide ─▶ tasks start and stop
//!                 a task's change ─▶ heard ──▲
//! ```
//! What is done is decided in `decide`, `settle`, `heard` and `throttle`, which know neither clock
//! nor store; `turn` carries it out under the one lock of ECS, so that no protection is granted
//! between the decision to stop a task and its stop.

mod actions;
mod aim;
mod decide;
mod describe;
mod heard;
mod keep;
mod place;
mod queries;
mod record;
mod request;
mod rolling;
mod settle;
#[cfg(test)]
mod tests;
mod throttle;
mod turn;
mod update;

pub(super) use heard::heard;
pub(super) use keep::Bell;
pub(super) use record::{SERVICE, Service};
