//! The event bus: every event of this AWS, and the rules that hand it to their targets.
//!
//! What S3 and ECS tell and what a caller puts goes through [`Bus::publish`], and from there each
//! copy for a target through one `deliver`: a fault put there is a fault of every event.
//!
//! ```text
//! s3, ecs ────────▶ publish ─▶ rules (pattern, transformer) ─▶ deliver ─▶ target
//! PutEvents ─▶ call ──┘                                           └─▶ dead-letter queue, or told
//! ```

mod dead_letter;
mod deliver;
mod describe_rule;
mod event;
mod ids;
mod put_events;
mod rule;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;

pub(crate) use deliver::{Deliver, Delivery};
pub(crate) use event::Event;
pub(crate) use event::rfc3339;
pub(crate) use ids::Ids;
pub use rule::RuleError;
use rule::{Dispatch, Rule};

use crate::{Fault, Ground, Happening, template::RuleSpec};

/// The default event bus; rules come from the template at each start, so nothing of it is kept.
#[derive(Debug)]
pub(crate) struct Bus {
    ground: Ground,
    targets: Arc<dyn Deliver>,
    ids: Ids,
    rules: Mutex<BTreeMap<String, Rule>>,
}

impl Bus {
    /// A bus without rules, which reaches its targets through `targets`.
    pub(crate) fn open(ground: Ground, targets: Arc<dyn Deliver>) -> Result<Arc<Self>, Fault> {
        Ok(Arc::new(Self { ground, targets, ids: Ids::new()?, rules: Mutex::default() }))
    }

    /// Adds the rule with its targets, or replaces the one of its name.
    pub(crate) fn put_rule(&self, spec: RuleSpec) -> Result<(), RuleError> {
        let rule = Rule::try_from(spec)?;
        self.rules
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(rule.name().to_owned(), rule);
        Ok(())
    }

    /// An event of this account that happens now; `detail` is a JSON object.
    #[must_use]
    pub(crate) fn event(
        &self,
        source: &str,
        detail_type: &str,
        resources: Vec<String>,
        detail: Value,
    ) -> Event {
        Event {
            id: self.ids.next(),
            detail_type: detail_type.into(),
            source: source.into(),
            account: self.ground.account.id.clone(),
            time: self.ground.clock.now(),
            region: self.ground.account.region.clone(),
            resources,
            detail,
        }
    }

    /// Hands the event to the targets of every rule that takes it, and returns when each has it or
    /// has failed: whoever waits for this before acknowledging has lost no event.
    pub(crate) async fn publish(&self, event: Event) {
        for dispatch in self.dispatches(&event) {
            self.deliver(dispatch).await;
        }
    }

    /// `PutEvents` and `DescribeRule`; every other operation of EventBridge is refused.
    pub(crate) async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        match operation {
            "PutEvents" => self.put_events(&input).await,
            "DescribeRule" => self.describe_rule(&input),
            _ => Err(Fault::unknown_operation("EventBridge", operation)),
        }
    }

    fn dispatches(&self, event: &Event) -> Vec<Dispatch> {
        let document = event.document();
        let ingested = event::rfc3339(self.ground.clock.now());
        let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.values().flat_map(|rule| rule.dispatches(event, &document, &ingested)).collect()
    }

    /// The one point through which every copy of every event goes to its target.
    async fn deliver(&self, dispatch: Dispatch) {
        self.ground.tell(Happening::RuleMatched {
            rule: dispatch.rule_name.clone(),
            target: dispatch.delivery.arn.clone(),
        });
        let Err(fault) = self.targets.deliver(&dispatch.delivery).await else { return };
        let lost = match dead_letter::delivery(&dispatch, &fault) {
            None => Some(fault),
            Some(letter) => self.targets.deliver(&letter).await.err(),
        };
        if let Some(fault) = lost {
            self.ground.tell(Happening::DeliveryFailed {
                from: dispatch.rule_name,
                target: dispatch.delivery.arn,
                reason: fault.to_string(),
            });
        }
    }
}
