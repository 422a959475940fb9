//! Who runs when: functions and tasks as futures, polled when their time has come and dropped
//! where they crash.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use longshore::trigger::Allowed;
use longshore_engine::{TriggerPorts, Trouble, on_change, on_message, ports::Clock, sweep};

use super::{
    check,
    ecs::SimEcs,
    ledger::SimLedger,
    planted::{Planted, believed},
    queues::{Messages, SimQueue, Source},
    scenario::{self, Scenario},
    stats::Stats,
    tasks::EXIT_CRASH,
    world::{FlowId, HOUR, MINUTE, Wake, World},
};

/// `Timeout` of both functions: Lambda ends whatever runs longer.
const FUNCTION_MS_MAX: u64 = MINUTE;
/// When everything has to be over, after the last fault: the longest task has four hours.
const CONVERGED_AFTER_MS: u64 = 6 * HOUR;

/// A history that is over.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) stats: Stats,
    pub(super) violation: Option<(&'static str, String)>,
    pub(super) history: Vec<String>,
}

/// Everything that flows touch.
#[derive(Debug)]
pub(super) struct Parts<'w> {
    pub(super) world: &'w World,
    pub(super) ledger: SimLedger<'w>,
    pub(super) ecs: SimEcs<'w>,
    pub(super) dead_letters: SimQueue<'w>,
    pub(super) failed: SimQueue<'w>,
    allowed: Allowed,
    pub(super) planted: Planted,
}

/// What a flow comes to; the number is the exit code of a task.
type Outcome = Result<i32, Trouble>;

/// A function or a task under way.
pub(super) struct Flow<'a> {
    pub(super) of: Of,
    future: Pin<Box<dyn Future<Output = Outcome> + 'a>>,
}

/// What a flow is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    Message(usize),
    Sweep,
    Task(usize),
}

/// Runs one history.
pub(super) struct Driver<'a, 'w> {
    pub(super) parts: &'a Parts<'w>,
    pub(super) world: &'w World,
    pub(super) messages: Messages<'w>,
    pub(super) flows: BTreeMap<FlowId, Flow<'a>>,
    started: FlowId,
}

/// Plays the history of `seed` to its end.
pub(super) fn play(seed: u64, planted: Planted, recorded: bool) -> Played {
    let world = World::new(seed, recorded);
    let parts = Parts {
        world: &world,
        ledger: SimLedger::new(&world, planted),
        ecs: SimEcs::new(&world, planted),
        dead_letters: SimQueue::new(&world, false),
        failed: SimQueue::new(&world, planted == Planted::FailureNeverSent),
        allowed: scenario::allowed(),
        planted,
    };
    let mut messages = Messages::new(&world, planted);
    let scenario = scenario::begin(&world, &mut messages);
    let flows = BTreeMap::new();
    let mut driver = Driver { parts: &parts, world: &world, messages, flows, started: 0 };
    driver.run(&scenario);
    drop(driver);
    drop(parts);
    let (stats, violation, history) = world.end();
    Played { stats, violation, history }
}

impl<'a> Driver<'a, '_> {
    fn run(&mut self, scenario: &Scenario) {
        if self.parts.planted != Planted::NeverSwept {
            self.world.wake_in(MINUTE, Wake::Sweep);
        }
        let deadline_ms = self.world.heals_at_ms() + CONVERGED_AFTER_MS;
        while let Some(wake) = self.world.next() {
            self.wake(wake);
            let is_over = self.world.now_ms() > deadline_ms || self.is_quiet();
            if is_over || self.world.is_violated() {
                break;
            }
        }
        check::converged(self.parts, scenario, self.messages.left());
    }

    /// Whether nothing can happen any more.
    fn is_quiet(&self) -> bool {
        self.world.is_idle()
            && self.flows.is_empty()
            && self.messages.left() == 0
            && self.parts.ledger.tables().is_quiet()
            && self.parts.ecs.is_quiet()
    }

    fn wake(&mut self, wake: Wake) {
        let parts = self.parts;
        match wake {
            Wake::Flow(id) => self.poll(id),
            Wake::Timeout(id) => self.end_early(id, "took too long"),
            Wake::Message(number) => self.receive(number),
            Wake::Sweep => {
                self.world.wake_in(MINUTE, Wake::Sweep);
                if parts.ledger.tables().is_any_due(self.world.now()) {
                    self.function(Of::Sweep, async move {
                        let swept =
                            sweep(&parts.ledger, &parts.ecs, &parts.failed, parts.world).await?;
                        parts.world.note(|| format!("swept: {swept:?}"));
                        Ok(0)
                    });
                }
            }
            Wake::Task(number) => self.start(number),
            Wake::Kill(number) => self.kill(number),
            Wake::LateWrite(change) => {
                drop(parts.ledger.apply(&change));
            }
            Wake::LateLaunch(launch) => drop(parts.ecs.start(&launch)),
        }
    }

    fn receive(&mut self, number: usize) {
        let Some((source, body)) = self.messages.receive(number) else { return };
        self.world.note(|| format!("message {number} of {source:?} is received"));
        let parts = self.parts;
        match source {
            Source::Inbox => self.function(Of::Message(number), async move {
                let touched = TriggerPorts {
                    ledger: &parts.ledger,
                    ecs: &parts.ecs,
                    dead_letters: &parts.dead_letters,
                    failed: &parts.failed,
                    world: parts.world,
                };
                let handled = on_message(&touched, &parts.allowed, &body).await?;
                parts.world.note(|| format!("message {number}: {handled:?}"));
                Ok(0)
            }),
            Source::Outcomes => self.function(Of::Message(number), async move {
                let (ledger, dead, failed) = (&parts.ledger, &parts.dead_letters, &parts.failed);
                let believed = match parts.planted {
                    Planted::EventsOfAnyTask => believed(ledger, &body).await,
                    _ => None,
                };
                let body = believed.unwrap_or(body);
                let observed = on_change(ledger, dead, failed, parts.world, &body).await?;
                parts.world.note(|| format!("message {number}: {observed:?}"));
                Ok(0)
            }),
        }
    }

    fn function(&mut self, of: Of, future: impl Future<Output = Outcome> + 'a) {
        self.world.wake_in(FUNCTION_MS_MAX, Wake::Timeout(self.started + 1));
        self.begin(of, future);
    }

    pub(super) fn begin(&mut self, of: Of, future: impl Future<Output = Outcome> + 'a) {
        self.started += 1;
        self.flows.insert(self.started, Flow { of, future: Box::pin(future) });
        self.poll(self.started);
    }

    fn poll(&mut self, id: FlowId) {
        // Its time may come after its end.
        let Some(flow) = self.flows.get_mut(&id) else { return };
        self.world.polls(id);
        let polled = flow.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Pending if self.world.take_crash() => self.end_early(id, "crashed"),
            Poll::Pending => {}
            Poll::Ready(outcome) => {
                let Some(flow) = self.flows.remove(&id) else { return };
                match flow.of {
                    Of::Message(number) => self.messages.settle(number, &outcome.map(drop)),
                    Of::Sweep => {}
                    Of::Task(number) => {
                        self.stop(number, outcome.ok(), "EssentialContainerExited");
                    }
                }
            }
        }
    }

    /// The flow ends where it stands, and what it holds is dropped.
    fn end_early(&mut self, id: FlowId, why: &str) {
        let Some(flow) = self.flows.remove(&id) else { return };
        self.world.note(|| format!("{:?} {why}", flow.of));
        match flow.of {
            Of::Message(number) => self.messages.abandon(number),
            Of::Sweep => {}
            Of::Task(number) => self.stop(number, Some(EXIT_CRASH), "EssentialContainerExited"),
        }
    }
}
