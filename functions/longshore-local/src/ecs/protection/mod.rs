//! Task scale-in protection: which tasks neither a scale-in nor a deployment stops, and until when.
//!
//! ```text
//! UpdateTaskProtection, GetTaskProtection ──┐
//! container ─▶ agent: /task-protection/v1/state ┴▶ judge ─▶ the task's record
//! ```

mod actions;
mod agent;
mod judge;

pub(crate) use agent::{AGENT_TIMEOUT, AgentAnswer, agent_error};
