//! An AWS on one loopback port.
//!
//! Knows AWS and nothing of longshore: it is spoken to over the wire only, and the functions and
//! tasks that it starts are commands handed to it. So what works here worked through a real SDK.
//!
//! ```text
//! template ─▶ resources          request ─▶ gate ─▶ gateway ─▶ s3 · sqs · dynamodb · ecs · events · lambda
//! s3, ecs ─▶ bus (rules, transformers) ─▶ sqs ─▶ mapping ─▶ function        RunTask ─▶ runner ─▶ process
//! ```

mod account;
mod activity;
mod bus;
mod chaos;
mod clock;
mod dynamodb;
mod ecs;
mod fault;
mod gate;
mod gateway;
mod ground;
mod lambda;
mod local;
mod s3;
mod scheduler;
mod sqs;
mod store;
pub mod template;

pub use account::Account;
pub use activity::{Activity, Happening};
pub use bus::RuleError;
pub(crate) use bus::{Bus, Deliver, Delivery, Event};
pub(crate) use chaos::Chaos;
pub use clock::{CLOCK_VARIABLE, Clock};
pub use fault::Fault;
pub use gate::{Call, Gate, Open, Verdict};
pub use ground::Ground;
pub use local::{Commands, Local, Options, StartError};
pub(crate) use scheduler::Scheduler;
pub use scheduler::SchedulerError;
pub use store::{Change, Store, StoreError};
