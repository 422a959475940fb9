//! Bugs that are planted in the fakes, to see whether the simulation would find them in the code.

mod ticks;

use longshore::{
    run::{Also, Change, Class, Counted, Run, State},
    trigger::Input,
};
use longshore_engine::ports::Ledger;
use serde_json::{Value, json};

use super::tables::{Tables, ended};

macro_rules! bugs {
    ($($(#[$doc:meta])* $bug:ident,)*) => {
        /// A bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Planted {
            /// None: the production flows as they are.
            Nothing,
            $($(#[$doc])* $bug,)*
        }

        impl Planted {
            /// Every bug, none left out.
            pub const ALL: &[Self] = &[$(Self::$bug,)*];
        }
    };
}

bugs! {
    /// The ledger writes whatever `ver` stands there.
    LedgerForgetsVer,
    /// The ledger counts an ended run although the rest of the change is refused.
    CountedApart,
    /// The ledger counts every end of a redriven run twice.
    CountedTwiceAfterRedrive,
    /// A failure is counted as a success.
    CountedAsSuccess,
    /// ECS starts a task for every call.
    TokensIgnored,
    /// Every try at a launch has a client token of its own.
    TokenPerTry,
    /// ECS starts a task for every call, and tasks work without asking for the fence.
    TokensAndFenceIgnored,
    /// A timeout counts as a refusal, and tasks work without asking for the fence.
    TimeoutIsARefusal,
    /// A timeout counts as a refusal, so that a new token follows.
    NewTokenAfterTimeout,
    /// A task works although it was not given the fence.
    FenceForAnyTask,
    /// A message is acknowledged although it met trouble.
    AcknowledgedOnTrouble,
    /// A message is acknowledged before anything is written.
    AcknowledgedBeforeAdmission,
    /// The message of a failed run is taken and never sent.
    FailureNeverSent,
    /// The mark of a sent message is lost.
    SentMarkLost,
    /// Events count for the run they name, whichever task they are about.
    EventsOfAnyTask,
    /// Events count for the run they name, whichever of its attempts they are about.
    EventsOfAnyAttempt,
    /// Spot capacity that AWS takes back counts as a failure of the work.
    LossesSpendAttempts,
    /// A retry has the number of the attempt that failed.
    AttemptNotBumped,
    /// Nobody sweeps.
    NeverSwept,
    /// The sweep does not see runs that are being launched.
    LaunchingNeverSwept,
    /// An ended run keeps its object, and nobody takes it over.
    HoldNotFreed,
    /// An object is given to whoever wants it.
    HoldNotChecked,
    /// An object is given to runs about older versions of it.
    NewestNotChecked,
    /// An ended run keeps its slot.
    SlotNotFreed,
    /// A slot is given to whoever wants it.
    SlotNotChecked,
    /// Permits are given to whoever wants them.
    PermitsIgnored,
    /// Older settings replace newer ones.
    OlderSettingsWin,
    /// A failed run is redriven whichever attempt it was that somebody wanted redriven.
    RedriveOfAnyAttempt,
    /// Nobody sees that a trigger is paused.
    PauseIgnored,
    /// StopTask is answered, and no task is stopped.
    StopIgnored,
    /// Messages are acknowledged before the list of their objects is written.
    AcknowledgedBeforeGathered,
    /// A run of several objects gets those that others hold.
    HeldIsClaimed,
    /// An object that is another run's is worked on all the same.
    LostIsWorkedOn,
    /// Who has formed a run late overwrites what became of it.
    LateFormed,
    /// The runs of the two halves are not written.
    PartsNotWritten,
    /// A half forgets the last of its objects.
    PartForgetsLast,
    /// A half does not take its objects over from the run that was split.
    PartWithoutParent,
    /// A task is believed which objects failed, though its run never had them.
    FailedBelieved,
    /// A tick is another for every delivery of its event.
    IdentityByExecution,
    /// Nobody looks for ticks of which no event came.
    NeverLookedFor,
    /// All ticks are caught up with of which no event came.
    CatchUpUnbounded,
    /// A tick that is a second late is missed.
    MissedEarly,
    /// A tick is skipped for one that is over.
    SkippedForNobody,
    /// A tick that is to wait for the other is skipped.
    QueuedIsSkipped,
    /// A tick starts before the one that it replaces has stopped.
    ReplacedAtOnce,
    /// The sweep does not see ticks of several shards.
    ShardsNeverSwept,
    /// A tick succeeds whichever of its shards failed.
    AnyShardIsEnough,
    /// Each shard tells of its failure.
    ShardTellsItsFailure,
    /// A worker of a pool works on what its message names, whoever has the fence.
    PoolWithoutFence,
    /// Workers of a pool are stopped, says ECS, as soon as somebody asks.
    LivingMateIsStopped,
    /// What lies in a pool is never sent there again.
    PoolTakesOnce,
    /// A worker of a pool never tells that work has ended.
    EndOfWorkUntold,
    /// A launch for a pool is read as one for ECS.
    PoolForgotten,
}

impl Planted {
    pub(super) fn ignores_tokens(self) -> bool {
        matches!(self, Self::TokensIgnored | Self::TokensAndFenceIgnored)
    }

    pub(super) fn ignores_the_fence(self) -> bool {
        matches!(self, Self::TokensAndFenceIgnored | Self::TimeoutIsARefusal)
    }

    pub(super) fn takes_timeouts_for_refusals(self) -> bool {
        matches!(self, Self::TimeoutIsARefusal | Self::NewTokenAfterTimeout)
    }

    /// Whether the change is written whatever `ver` stands there.
    pub(super) fn forgets_ver(self, change: &Change) -> bool {
        let forms = |change: &Change| {
            let last = change.run.history.last();
            last.is_some_and(|entry| entry.note.ends_with("objects are its own"))
        };
        self == Self::LedgerForgetsVer || (self == Self::LateFormed && forms(change))
    }

    /// The change as the bug has it written.
    pub(super) fn alter(self, change: &mut Change, tables: &Tables) {
        let marks = |also: &Also| matches!(also, Also::Outbox(it) if it.sent_at.is_some());
        match self {
            Self::SentMarkLost => change.also.retain(|also| !marks(also)),
            Self::HoldNotFreed => {
                change.also.retain(|also| !matches!(also, Also::FreeObject(_)));
            }
            Self::SlotNotFreed => change.also.retain(|also| !matches!(also, Also::FreeSlot(_))),
            Self::PartsNotWritten => change.also.retain(|also| !matches!(also, Also::Part(_))),
            Self::PartForgetsLast | Self::PartWithoutParent => {
                let parts = change.also.iter_mut().filter_map(|also| match also {
                    Also::Part(part) => Some(part),
                    _ => None,
                });
                parts.for_each(|part| self.alter_part(part));
            }
            Self::FailedBelieved => believe_failed(&mut change.run, tables),
            Self::CountedAsSuccess => {
                for also in &mut change.also {
                    if let Also::Count { what: what @ Counted::Ended(Class::Work), .. } = also {
                        *what = Counted::Ended(Class::Succeeded);
                    }
                }
            }
            Self::CountedTwiceAfterRedrive => {
                let redriven = tables.redrives.iter().any(|((run, _), _)| *run == change.run.id);
                let again = change.also.iter().find(|also| ended(also).is_some() && redriven);
                change.also.extend(again.cloned());
            }
            Self::AttemptNotBumped if change.run.state == State::Backoff => {
                if let Some(row) = tables.runs.get(&change.run.id) {
                    change.run.attempt = row.run.attempt;
                }
            }
            _ => self.alter_tick(change, tables),
        }
    }

    fn alter_part(self, part: &mut Run) {
        if self == Self::PartWithoutParent {
            part.parent = None;
        } else if let Input::Objects(objects) = &mut part.input {
            let most = objects.left.len().saturating_sub(1).max(1);
            let left = objects.left.iter().take(most);
            objects.left = left.filter_map(|place| u16::try_from(place).ok()).collect();
        }
    }
}

/// Leaves what the work said had failed, whatever the run had.
fn believe_failed(run: &mut Run, tables: &Tables) {
    let old = tables.runs.get(&run.id).and_then(|row| row.run.result.as_ref());
    let failed = old.map(|result| &result.failed).filter(|failed| !failed.is_empty());
    if let (State::Backoff, Input::Objects(objects), Some(failed)) =
        (run.state, &mut run.input, failed)
    {
        objects.left = failed.clone();
    }
}

/// The event `body` as if it were about the present attempt of the run that it names, and about
/// its present task.
pub(super) async fn believed(ledger: &impl Ledger, body: &str, planted: Planted) -> Option<String> {
    use Planted::{EventsOfAnyAttempt, EventsOfAnyTask, LossesSpendAttempts};
    if !matches!(planted, EventsOfAnyTask | EventsOfAnyAttempt | LossesSpendAttempts) {
        return None;
    }
    let mut event: Value = serde_json::from_str(body).ok()?;
    if planted == LossesSpendAttempts {
        let detail = event["detail"].as_object_mut()?;
        if detail.get("stopCode").is_some_and(|code| code == "SpotInterruption") {
            detail.insert("stopCode".into(), json!("EssentialContainerExited"));
            detail["containers"][0]["exitCode"] = json!(1);
        }
        return Some(event.to_string());
    }
    let named = event["detail"]["startedBy"].as_str()?.split('/').nth(1)?.parse().ok()?;
    let run = ledger.run(&named).await.ok()??;
    let detail = &mut event["detail"];
    detail["startedBy"] = json!(run.launch_id().to_string());
    if planted == EventsOfAnyTask {
        detail["taskDefinitionArn"] = json!(run.target?.definition);
        if let Some(task) = run.task_arn.or(run.executor) {
            detail["taskArn"] = json!(task);
        }
    }
    Some(event.to_string())
}
