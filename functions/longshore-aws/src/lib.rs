//! The ports on the AWS SDK; the only crate that names it.

mod batch_write;
mod clients;
mod deliveries;
mod depth;
mod ecs;
mod failure;
mod fleet;
mod ledger;
mod listing;
mod objects;
mod outlet;
mod queue;
mod records;
mod rules;
mod task;
pub mod telemetry;
mod variables;
mod world;

pub use batch_write::{BatchWriter, BatchWriterError};
pub use clients::{Clients, ClientsError};
pub use deliveries::{Delivery, all, each};
pub use depth::SqsDepths;
pub use ecs::EcsTasks;
pub use fleet::EcsFleets;
pub use ledger::{LedgerTable, RunPage, RunPlace};
pub use objects::{ObjectBody, ObjectPage, ObjectPlace, S3Objects};
pub use outlet::Outlets;
pub use queue::{Received, SqsQueue};
pub use records::RecordsTable;
pub use rules::{RuleTrouble, Rules};
pub use task::{TaskError, task_arn};
pub use variables::variables;
pub use world::Machine;
