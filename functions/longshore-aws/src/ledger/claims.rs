//! Lists of objects, and whose each of them is.

use aws_sdk_dynamodb::{
    error::SdkError, operation::update_item::UpdateItemError, types::AttributeValue,
};
use jiff::Timestamp;
use longshore::{
    run::{Page, RunId},
    trigger::Listed,
};
use longshore_engine::ports::{Claim, Claimed, Holder, LedgerError};

use super::{
    LedgerTable, keys,
    rows::{Row, number, text},
    write::{ALL_OLD, KEPT_SECS},
};
use crate::failure::said;

/// The object is free for the run if it has never been seen, or if this version is newer or the
/// run's already, and nobody but the run, its parent or one that has ended holds it.
const IS_FREE: &str = "attribute_not_exists(#seq) OR (
    (#seq < :seq OR (#seq = :seq AND #run IN (:run, :parent))) AND
    (attribute_not_exists(#holder) OR #holder = :parent OR
        (#holder = :run AND (attribute_not_exists(#att) OR #att <= :att)) OR
        (#holder = :ended AND #att = :ended_att)))";

/// The row of an object, as far as it matters to a claim.
#[derive(serde::Deserialize)]
struct Claimant {
    seq: String,
    run: RunId,
    holder: Option<RunId>,
    #[serde(default)]
    att: u32,
}

impl LedgerTable {
    pub(super) async fn claim_one(
        &self,
        claim: &Claim<'_>,
        now: Timestamp,
    ) -> Result<Claimed, LedgerError> {
        let own = claim.run.as_str();
        let ended = claim.ended;
        let call = self.dynamodb.update_item().table_name(&self.table);
        let call = call
            .key("pk", text(keys::object(claim.trigger, &claim.order.object)))
            .key("sk", text(keys::SEQ))
            .update_expression(
                "SET #seq = :seq, #run = :run, #holder = :run, #att = :att, #ttl = :ttl",
            )
            .condition_expression(IS_FREE)
            .expression_attribute_values(":seq", text(&claim.order.sequence))
            .expression_attribute_values(":run", text(own))
            .expression_attribute_values(":att", number(claim.attempt))
            .expression_attribute_values(":ttl", number(now.as_second() + 2 * KEPT_SECS))
            .expression_attribute_values(":parent", name(claim.parent))
            .expression_attribute_values(":ended", name(ended.map(|holder| &holder.run)))
            .expression_attribute_values(
                ":ended_att",
                number(ended.map_or(0, |holder| holder.attempt)),
            );
        let call = ["seq", "run", "holder", "att", "ttl"]
            .into_iter()
            .fold(call, |call, name| call.expression_attribute_names(format!("#{name}"), name));
        match call.return_values_on_condition_check_failure(ALL_OLD).send().await {
            Ok(_) => Ok(Claimed::Ours),
            Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                UpdateItemError::ConditionalCheckFailedException(refused) => {
                    self.judge_claim(claim, refused.item())
                }
                other => Err(self.trouble(&other.to_string())),
            },
            Err(error) => Err(self.trouble(&said(&error))),
        }
    }

    fn judge_claim(&self, claim: &Claim<'_>, row: Option<&Row>) -> Result<Claimed, LedgerError> {
        let row = row.map(|row| self.parse::<Claimant>(row)).transpose()?;
        match row {
            Some(Claimant { seq, run, .. })
                if seq > claim.order.sequence
                    || (seq == claim.order.sequence
                        && run != *claim.run
                        && Some(&run) != claim.parent) =>
            {
                Ok(Claimed::Theirs(run))
            }
            // For an attempt that has followed since.
            Some(Claimant { holder: Some(run), .. }) if run == *claim.run => Ok(Claimed::Ours),
            Some(Claimant { holder: Some(run), att, .. }) => {
                Ok(Claimed::Held(Holder { run, attempt: att }))
            }
            _ => Err(self.trouble(&format!("the object of run {} cannot be claimed", claim.run))),
        }
    }

    pub(super) async fn read_list(&self, list: &RunId) -> Result<Vec<Listed>, LedgerError> {
        let mut objects = Vec::new();
        let mut after = None;
        loop {
            let call = self.dynamodb.query().table_name(&self.table).consistent_read(true);
            let call = call.key_condition_expression("pk = :pk AND begins_with(sk, :page)");
            let call = call.expression_attribute_values(":pk", text(keys::run(list)));
            let call = call.expression_attribute_values(":page", text(keys::PAGE));
            let answer = call.set_exclusive_start_key(after).send().await;
            let answer = answer.map_err(|error| self.trouble(&said(&error)))?;
            for row in answer.items() {
                objects.extend(self.parse::<Page>(row)?.objects);
            }
            after = answer.last_evaluated_key;
            if after.is_none() {
                return Ok(objects);
            }
        }
    }
}

/// A run's id, or what no run is called.
fn name(run: Option<&RunId>) -> AttributeValue {
    text(run.map_or("-", RunId::as_str))
}
