//! What is remembered of triggers, and what all processes share: launch permits.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::AttributeValue,
};
use jiff::Timestamp;
use longshore::trigger::Registered;
use longshore_engine::ports::LedgerError;

use super::{
    LedgerTable, keys,
    rows::{number, row, text},
};
use crate::failure::said;

/// Settings and owner, as they were seen.
const SEEN: &str =
    "SET #settings = :settings, #source = :source, #seen = :seen, g2pk = :list, g2sk = :name";
/// Tries in a second: whoever begins it may come in between.
const SECONDS_MAX: usize = 2;

impl LedgerTable {
    /// Settings and owner, unless another owner or newer settings are there. The pause is not
    /// touched.
    pub(super) async fn register_trigger(&self, seen: &Registered) -> Result<(), LedgerError> {
        let name = &seen.settings.name;
        let fields = row(seen).map_err(|error| self.trouble(&error.to_string()))?;
        let field = |name: &str| fields.get(name).cloned().unwrap_or(AttributeValue::Null(true));
        let call = self
            .update(keys::trigger(name), keys::TRIGGER)
            .update_expression(SEEN)
            .condition_expression(
                "attribute_not_exists(pk) OR (#source = :source AND #seen < :seen)",
            )
            .expression_attribute_names("#settings", "settings")
            .expression_attribute_names("#source", "source")
            .expression_attribute_names("#seen", "seenAt")
            .expression_attribute_values(":settings", field("settings"))
            .expression_attribute_values(":source", field("source"))
            .expression_attribute_values(":seen", field("seenAt"))
            .expression_attribute_values(":list", text(keys::TRIGGERS))
            .expression_attribute_values(":name", text(name));
        let call = match seen.timed_at {
            None => call,
            Some(at) => call
                .update_expression(format!("{SEEN}, #timed = :timed"))
                .expression_attribute_names("#timed", "timedAt")
                .expression_attribute_values(":timed", number(at.as_second())),
        };
        // Whoever was refused reads what stands there.
        self.updates(call).await.map(drop)
    }

    /// The newest tick, and where looking for others begins.
    pub(super) async fn set_ticked(
        &self,
        trigger: &str,
        tick: Timestamp,
    ) -> Result<(), LedgerError> {
        let call = self.of_known(trigger, "tickedAt", tick);
        let call = call
            .update_expression("SET #at = :at, #looked = if_not_exists(#looked, :at)")
            .expression_attribute_names("#looked", "lookedTo");
        self.updates(call).await.map(drop)
    }

    /// Up to which tick others were looked for.
    pub(super) async fn set_looked(
        &self,
        trigger: &str,
        to: Timestamp,
        caught_up: u32,
    ) -> Result<(), LedgerError> {
        let call = self.of_known(trigger, "lookedTo", to);
        let call = call
            .update_expression("SET #at = :at, #caught = :caught")
            .expression_attribute_names("#caught", "caughtUp")
            .expression_attribute_values(":caught", number(caught_up));
        self.updates(call).await.map(drop)
    }

    /// An update of a trigger that was seen, by which the instant `field` grows.
    fn of_known(&self, trigger: &str, field: &str, at: Timestamp) -> UpdateItemFluentBuilder {
        self.update(keys::trigger(trigger), keys::TRIGGER)
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(#at) OR #at < :at)",
            )
            .expression_attribute_names("#at", field)
            .expression_attribute_values(":at", number(at.as_second()))
    }

    /// Pauses the trigger at `at`, or resumes it; whether there is such a trigger.
    pub async fn pause(&self, trigger: &str, at: Option<Timestamp>) -> Result<bool, LedgerError> {
        let call = self.update(keys::trigger(trigger), keys::TRIGGER);
        let call = call.condition_expression("attribute_exists(pk)");
        let call = call.expression_attribute_names("#paused", "pausedAt");
        let call = match at {
            None => call.update_expression("REMOVE #paused"),
            Some(at) => call
                .update_expression("SET #paused = if_not_exists(#paused, :at)")
                .expression_attribute_values(":at", text(at.to_string())),
        };
        self.updates(call).await
    }

    /// Forgets the owner and the settings of a trigger: its next event brings them anew.
    pub async fn forget(&self, trigger: &str) -> Result<(), LedgerError> {
        let call = self.dynamodb.delete_item().table_name(&self.table);
        let call = call.key("pk", text(keys::trigger(trigger))).key("sk", text(keys::TRIGGER));
        call.send().await.map(drop).map_err(|error| self.trouble(&said(&error)))
    }

    pub(super) async fn take_permits(
        &self,
        kind: &str,
        second: i64,
        wanted: u32,
        per_second: u32,
    ) -> Result<u32, LedgerError> {
        if self.add_permits(kind, second, wanted, per_second).await? {
            return Ok(wanted);
        }
        let is_one_left = wanted > 1 && self.add_permits(kind, second, 1, per_second).await?;
        Ok(u32::from(is_one_left))
    }

    async fn add_permits(
        &self,
        kind: &str,
        second: i64,
        wanted: u32,
        per_second: u32,
    ) -> Result<bool, LedgerError> {
        let update = || {
            self.update(keys::permit(kind), keys::PERMIT)
                .expression_attribute_names("#second", "second")
                .expression_attribute_names("#used", "used")
                .expression_attribute_values(":second", number(second))
                .expression_attribute_values(":wanted", number(wanted))
        };
        let left = per_second.saturating_sub(wanted);
        for _ in 0..SECONDS_MAX {
            // A clock that is ahead of ours has begun its second already.
            let same = update()
                .update_expression("ADD #used :wanted")
                .condition_expression("#second >= :second AND #used <= :left")
                .expression_attribute_values(":left", number(left));
            if self.updates(same).await? {
                return Ok(true);
            }
            let next = update()
                .update_expression("SET #second = :second, #used = :wanted")
                .condition_expression("attribute_not_exists(pk) OR #second < :second");
            if self.updates(next).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn update(&self, pk: String, sk: &str) -> UpdateItemFluentBuilder {
        let call = self.dynamodb.update_item().table_name(&self.table);
        call.key("pk", text(pk)).key("sk", text(sk))
    }

    /// Whether the condition of the update held.
    async fn updates(&self, call: UpdateItemFluentBuilder) -> Result<bool, LedgerError> {
        match call.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                UpdateItemError::ConditionalCheckFailedException(_) => Ok(false),
                other => Err(self.trouble(&other.to_string())),
            },
            Err(error) => Err(self.trouble(&said(&error))),
        }
    }
}
