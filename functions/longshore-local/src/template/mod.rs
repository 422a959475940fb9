//! A CloudFormation or SAM template ─▶ the resources it declares, or an error that says where.
//!
//! ```text
//! source ─load▶ tree ─declare▶ declarations ─intrinsics▶ values ─queue, table, …▶ Resource
//!                        ╰─ serverless functions expanded, as SAM does
//! ```
//!
//! What is not served is listed in [`Stack::skipped`]; what would be served wrong is refused.

mod bucket;
mod cluster;
mod conditions;
mod declare;
mod field;
mod function;
mod functions;
mod intrinsics;
mod kinds;
mod load;
mod mapping;
mod names;
mod near;
mod node;
mod parameters;
mod problem;
mod queue;
mod resources;
mod rule;
mod scalar;
mod schedule;
mod scope;
mod sections;
mod serverless;
mod serverless_event;
mod service;
mod skipped;
mod stack;
mod sub;
mod table;
mod task_definition;
mod task_words;
mod together;

pub use problem::{Problem, TemplateError};
pub use resources::{
    BucketSpec, ClusterSpec, ContainerSpec, FunctionSpec, MappingSpec, QueueSpec, Redrive,
    Resource, RuleSpec, ScheduleSpec, ServiceSpec, TableSpec, TargetSpec, TaskDefinitionSpec,
};
pub use stack::{Declared, Skipped, Stack, read};

#[cfg(test)]
mod tests;
