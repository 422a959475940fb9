//! Bugs that are planted in the fakes, to see whether the simulation would find them in the code.

use longshore_engine::ports::Ledger;
use serde_json::{Value, json};

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// None: the production flows as they are.
    Nothing,
    /// The ledger writes whatever `ver` stands there.
    LedgerForgetsVer,
    /// The ledger counts an ended run although the rest of the change is refused.
    CountedApart,
    /// ECS starts a task for every call.
    TokensIgnored,
    /// Every try at a launch has a client token of its own.
    TokenPerTry,
    /// ECS starts a task for every call, and tasks work without asking for the fence.
    TokensAndFenceIgnored,
    /// A timeout counts as a refusal, and tasks work without asking for the fence.
    TimeoutIsARefusal,
    /// A message is acknowledged although it met trouble.
    AcknowledgedOnTrouble,
    /// The message of a failed run is taken and never sent.
    FailureNeverSent,
    /// The mark of a sent message is lost.
    SentMarkLost,
    /// Events count for the run they name, whichever task they are about.
    EventsOfAnyTask,
    /// Nobody sweeps.
    NeverSwept,
}

impl Planted {
    /// Every bug, none left out.
    pub const ALL: [Self; 11] = [
        Self::LedgerForgetsVer,
        Self::CountedApart,
        Self::TokensIgnored,
        Self::TokenPerTry,
        Self::TokensAndFenceIgnored,
        Self::TimeoutIsARefusal,
        Self::AcknowledgedOnTrouble,
        Self::FailureNeverSent,
        Self::SentMarkLost,
        Self::EventsOfAnyTask,
        Self::NeverSwept,
    ];

    pub(super) fn ignores_tokens(self) -> bool {
        matches!(self, Self::TokensIgnored | Self::TokensAndFenceIgnored)
    }

    pub(super) fn ignores_the_fence(self) -> bool {
        matches!(self, Self::TokensAndFenceIgnored | Self::TimeoutIsARefusal)
    }
}

/// The event `body` as if it were about the present task of the run that it names.
pub(super) async fn believed(ledger: &impl Ledger, body: &str) -> Option<String> {
    let mut event: Value = serde_json::from_str(body).ok()?;
    let named = event["detail"]["startedBy"].as_str()?.split('/').nth(1)?.parse().ok()?;
    let run = ledger.run(&named).await.ok()??;
    let detail = &mut event["detail"];
    detail["startedBy"] = json!(run.launch_id().to_string());
    detail["taskDefinitionArn"] = json!(run.target?.definition);
    if let Some(task) = run.task_arn.or(run.executor) {
        detail["taskArn"] = json!(task);
    }
    Some(event.to_string())
}
