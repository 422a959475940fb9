//! What events may launch: who may send to the inbox may launch, so every name is checked.

use super::event::{Envelope, Event, Rejected};

/// Buckets, clusters, subnets and queues that the function was deployed with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Names of buckets.
    pub buckets: Vec<String>,
    /// ARNs of clusters.
    pub clusters: Vec<String>,
    /// Ids of subnets.
    pub subnets: Vec<String>,
    /// URLs of the queues of pools.
    pub queues: Vec<String>,
}

const FORGED: &str =
    "if it is meant to be allowed, add it to the function's variables in the template";

impl Allowed {
    /// Refuses an envelope that names anything the function was not deployed with.
    pub fn check(&self, envelope: &Envelope) -> Result<(), Rejected> {
        let task = &envelope.trigger.task;
        if let Event::Object(object) = &envelope.event
            && !self.buckets.contains(&object.bucket)
        {
            let why = format!("`{}` is not in LONGSHORE_BUCKETS", object.bucket.escape_debug());
            return Err(Rejected::new("event.detail.bucket.name", why, FORGED));
        }
        if !self.clusters.contains(&task.cluster) {
            let why = format!("`{}` is not in LONGSHORE_CLUSTERS", task.cluster.escape_debug());
            return Err(Rejected::new("trigger.task.cluster", why, FORGED));
        }
        if let Some(queue) = envelope.trigger.pool()
            && !self.queues.iter().any(|known| known == queue)
        {
            let why = format!("`{}` is not in LONGSHORE_QUEUES", queue.escape_debug());
            return Err(Rejected::new("trigger.queue", why, FORGED));
        }
        let subnets = task.network.iter().flat_map(|network| &network.subnets);
        for subnet in subnets {
            if !self.subnets.contains(subnet) {
                let why = format!("`{}` is not in LONGSHORE_SUBNETS", subnet.escape_debug());
                return Err(Rejected::new("trigger.task.network.subnets", why, FORGED));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
