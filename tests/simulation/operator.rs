//! What people do by hand: cancel, redrive, pause, resume.

use longshore::run::{LaunchId, Refused, Run, RunId, State, Step, Stopping};
use longshore_engine::{Advanced, Trouble, advance, ports::Ledger, redrive as redriven};
use serde_json::{Value, json};

use super::{
    chance::{Dice, Stream},
    drive::{Driver, Of, Outcome},
    ledger::SimLedger,
    planted::Planted,
    queues::Source,
    spec::CLUSTER,
    wake::Wake,
    world::{HOUR, MINUTE, SECOND, World},
};

/// Most things that people do in one history.
const ACTS_MAX: u64 = 6;
/// Longest pause of a trigger.
const PAUSE_MS_MAX: u64 = HOUR;
/// How often somebody asks again when a failed run still owes its message.
const REDRIVES_MAX: usize = 5;
/// How soon.
const REDRIVE_AGAIN_MS: u64 = 30 * SECOND;

/// Something that somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Any run is cancelled.
    Cancel,
    /// A run that has failed or was cancelled is redriven, by two people at once.
    Redrive,
    /// A trigger, by its number, is paused.
    Pause(usize),
    /// It is resumed.
    Resume(usize),
    /// Somebody's own task, started by the same definition, claims a run that has one, and stops
    /// well.
    Forge,
}

/// What people do, and when; every pause ends.
pub(super) fn acts(dice: &mut Dice, triggers: usize, until_ms: u64) -> Vec<(u64, Act)> {
    let mut acts = Vec::new();
    for _ in 0..=dice.below(ACTS_MAX) {
        let at_ms = dice.below(until_ms);
        let trigger = usize::try_from(dice.below(triggers as u64)).unwrap_or(0);
        match dice.below(5) {
            0 => acts.push((at_ms, Act::Cancel)),
            1 => {
                let resumed_ms = at_ms + dice.below(PAUSE_MS_MAX);
                acts.push((at_ms.min(30 * MINUTE), Act::Pause(trigger)));
                acts.push((resumed_ms.min(until_ms), Act::Resume(trigger)));
            }
            2 => acts.push((at_ms, Act::Forge)),
            _ => acts.push((at_ms, Act::Redrive)),
        }
    }
    acts
}

impl SimLedger<'_> {
    /// Somebody pauses or resumes a trigger, if there is one.
    pub(super) fn pauses(&self, trigger: &str, is_paused: bool) {
        let paused_at = is_paused.then(|| self.world.instant());
        let mut tables = self.tables();
        if let Some(known) = tables.triggers.get_mut(trigger) {
            known.registered.paused_at = paused_at;
            tables.ticks.resumed_ms.insert(trigger.to_owned(), self.world.now_ms());
        }
    }

    /// Somebody decides to redrive the attempt that failed, whatever comes until it is done.
    pub(super) fn decides_to_redrive(&self, id: &RunId) -> u32 {
        self.world.redrives(id);
        let mut tables = self.tables();
        let attempt = tables.runs.get(id).map_or(0, |row| row.run.attempt);
        tables.redrives.entry((id.clone(), attempt)).or_default();
        attempt
    }
}

impl Driver<'_, '_> {
    /// Somebody does it.
    pub(super) fn act(&mut self, act: Act) {
        let parts = self.parts;
        self.world.note(|| format!("somebody: {act:?}"));
        match act {
            Act::Cancel => {
                if let Some(id) = self.any_run(|_| true) {
                    self.begin(
                        Of::Operator,
                        Box::pin(async move {
                            drop(cancel(&parts.ledger, parts.world, id).await);
                            Outcome::Over
                        }),
                    );
                }
            }
            Act::Forge => self.forge(),
            Act::Redrive => {
                // Of a shard tells the failure of its tick.
                let undone = |run: &Run| {
                    !run.is_shard() && matches!(run.state, State::Failed | State::Cancelled)
                };
                let Some(id) = self.any_run(undone) else { return };
                let attempt = parts.ledger.decides_to_redrive(&id);
                for _ in 0..2 {
                    let (id, planted) = (id.clone(), parts.planted);
                    let wait_ms = self.world.below(Stream::Operators, 2 * HOUR);
                    let wait_ms = if self.world.one_in(Stream::Operators, 2) { 0 } else { wait_ms };
                    self.begin(
                        Of::Operator,
                        Box::pin(async move {
                            parts.world.sleep(wait_ms).await;
                            let (ledger, world) = (&parts.ledger, parts.world);
                            drop(redrive(ledger, world, &id, attempt, planted).await);
                            Outcome::Over
                        }),
                    );
                }
            }
            Act::Pause(trigger) | Act::Resume(trigger) => {
                let name = &parts.scenario.specs[trigger].name;
                parts.ledger.pauses(name, matches!(act, Act::Pause(_)));
            }
        }
    }

    fn forge(&mut self) {
        let launched = |run: &Run| matches!(run.state, State::Launched | State::Running);
        let Some(id) = self.any_run(launched) else { return };
        let tables = self.parts.ledger.tables();
        let run = tables.runs.get(&id).map(|row| &row.run);
        let Some((run, target)) = run.and_then(|run| Some((run, run.target.as_ref()?))) else {
            return;
        };
        let event = forged(&run.launch_id(), &target.definition);
        drop(tables);
        self.messages.send(Source::Outcomes, event.to_string(), SECOND);
    }

    fn any_run(&self, fits: impl Fn(&Run) -> bool) -> Option<RunId> {
        let tables = self.parts.ledger.tables();
        let fitting: Vec<_> = tables.runs.values().filter(|row| fits(&row.run)).collect();
        let nth = self.world.below(Stream::Operators, fitting.len() as u64);
        fitting.get(usize::try_from(nth).unwrap_or(0)).map(|row| row.run.id.clone())
    }

    /// When people do what they do.
    pub(super) fn plan_acts(&self) {
        for (at_ms, act) in &self.parts.scenario.acts {
            self.world.wake_in(*at_ms, Wake::Operator(*act));
        }
    }
}

/// A task that longshore did not start says that it is the one of a launch, and stops well.
pub(super) fn forged(id: &LaunchId, definition: &str) -> Value {
    json!({"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": {
        "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/sim/forged",
        "clusterArn": CLUSTER,
        "taskDefinitionArn": definition,
        "startedBy": id.to_string(),
        "version": 5,
        "lastStatus": "STOPPED",
        "containers": [{"name": "app", "exitCode": 0}],
        "stopCode": "EssentialContainerExited",
    }})
}

async fn cancel(ledger: &SimLedger<'_>, world: &World, id: RunId) -> Result<(), Trouble> {
    let Some(run) = ledger.run(&id).await? else { return Ok(()) };
    let why = Stopping::Cancel { by: "somebody".into() };
    advance(ledger, world, run, &Step::Stop { why }).await.map(drop)
}

async fn redrive(
    ledger: &SimLedger<'_>,
    world: &World,
    id: &RunId,
    attempt: u32,
    planted: Planted,
) -> Result<(), Trouble> {
    for _ in 0..REDRIVES_MAX {
        let Some(run) = ledger.run(id).await? else { break };
        let attempt = if planted == Planted::RedriveOfAnyAttempt { run.attempt } else { attempt };
        match redriven(ledger, world, run, attempt).await? {
            Advanced::Refused(Refused::TooEarly(_), _) => world.sleep(REDRIVE_AGAIN_MS).await,
            _ => break,
        }
    }
    Ok(())
}
