//! Who runs when: functions and tasks as futures, polled when their time has come and dropped
//! where they crash.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use longshore::{poll::Ended, trigger::Allowed};
use longshore_engine::{Trouble, ports::Ports};

use super::{
    check,
    crew::Notices,
    ecs::SimEcs,
    ledger::SimLedger,
    life::Ending,
    planted::Planted,
    process::{Process, Serving, processes},
    queues::{Messages, SimOutlet, SimQueue},
    scenario::{self, Scenario},
    stats::Stats,
    tasks::{EXIT_CRASH, EXITED, exited},
    wake::{FlowId, Wake},
    world::{MINUTE, World},
};

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
    pub(super) scenario: &'w Scenario,
    pub(super) ledger: SimLedger<'w>,
    pub(super) ecs: SimEcs<'w>,
    pub(super) dead_letters: SimQueue<'w>,
    pub(super) outlet: SimOutlet<'w>,
    pub(super) allowed: Allowed,
    pub(super) notices: Notices,
    pub(super) planted: Planted,
    processes: Vec<Process>,
}

/// What a flow comes to.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A function is done with its messages, in their order.
    Handled(Vec<Result<(), Trouble>>),
    /// A task exits with this code.
    Exited(i32),
    /// A worker of a pool is through with a message.
    Left(Ended),
    /// Nothing more follows.
    Over,
}

/// A flow, boxed where it is made: it is large, and moving it costs.
pub(super) type Boxed<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// A function or a task under way.
pub(super) struct Flow<'a> {
    pub(super) of: Of,
    future: Boxed<'a>,
}

/// What a flow is about: a delivery of messages, a task, by their numbers; functions run in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Messages(usize, usize),
    Sweep(usize),
    Task(usize),
    Operator,
    /// A worker of a pool at a message.
    Mate(usize, usize),
}

/// Runs one history.
pub(super) struct Driver<'a, 'w> {
    pub(super) parts: &'a Parts<'w>,
    pub(super) world: &'w World,
    pub(super) messages: Messages<'w>,
    pub(super) flows: BTreeMap<FlowId, Flow<'a>>,
    pub(super) serving: Serving,
    pub(super) started: FlowId,
}

/// Plays the history of `seed` to its end.
pub(super) fn play(seed: u64, planted: Planted, recorded: bool) -> Played {
    let world = World::new(seed, recorded);
    let scenario = world.scenario();
    let parts = Parts {
        world: &world,
        scenario: &scenario,
        ledger: SimLedger::new(&world, &scenario, planted),
        ecs: SimEcs::new(&world, &scenario, planted),
        dead_letters: SimQueue::new(&world),
        outlet: SimOutlet::new(&world, planted),
        allowed: scenario::allowed(),
        notices: Notices::default(),
        planted,
        processes: processes(),
    };
    let mut driver = Driver {
        parts: &parts,
        world: &world,
        messages: Messages::new(&world, planted),
        flows: BTreeMap::new(),
        serving: Serving::default(),
        started: 0,
    };
    driver.run();
    drop(driver);
    drop(parts);
    let (stats, violation, history) = world.end();
    Played { stats, violation, history }
}

impl<'w> Parts<'w> {
    /// What the functions of a process touch.
    pub(super) fn ports(&self, process: usize) -> Ports<'_, SimLedger<'w>, SimEcs<'w>, World> {
        let Process { permits, triggers } = &self.processes[process];
        Ports { ledger: &self.ledger, ecs: &self.ecs, world: self.world, permits, triggers }
    }
}

impl<'a> Driver<'a, '_> {
    fn run(&mut self) {
        self.plan_mails();
        self.plan_acts();
        self.plan_sweeps();
        self.plan_pool();
        let scenario = self.parts.scenario;
        let deadline_ms = self.world.heals_at_ms() + scenario.converges_in_ms;
        while let Some(wake) = self.world.next() {
            self.wake(wake);
            self.post();
            let is_over = self.world.now_ms() > deadline_ms || self.is_quiet();
            if is_over || self.world.is_violated() {
                break;
            }
        }
        check::converged(self.parts, self.messages.left());
    }

    /// Whether nothing can happen any more.
    fn is_quiet(&self) -> bool {
        self.flows.is_empty()
            && self.messages.left() == 0
            && self.world.is_idle()
            && self.parts.ledger.tables().is_quiet(self.world.instant())
            && self.parts.ecs.is_quiet()
    }

    fn wake(&mut self, wake: Wake) {
        let parts = self.parts;
        // What comes late is no flow's doing any more.
        self.world.polls(0, false);
        match wake {
            Wake::Flow(id) => self.poll(id),
            Wake::Timeout(id) => self.end_early(id, "took too long"),
            Wake::Message(number) => self.receive(number),
            Wake::Gather(inbox) => self.gather(inbox),
            Wake::Sweep => self.sweep(),
            Wake::Task(number) => self.start(number),
            Wake::Kill(number) => self.kill(number),
            Wake::Terminate(number) => self.terminate(number),
            Wake::Sigkill(number) => self.sigkill(number),
            Wake::Reclaim(number) => self.reclaim(number),
            Wake::Operator(act) => self.act(act),
            Wake::Deploy(trigger) => {
                let spec = &parts.scenario.specs[trigger];
                self.world.note(|| format!("{} is deployed", spec.name));
                parts.ecs.retires(spec.definition(0));
            }
            Wake::LateWrite(change) => drop(parts.ledger.apply(&change)),
            Wake::LateRegister(seen) => parts.ledger.remember(&seen),
            Wake::LateMark(trigger, mark) => parts.ledger.tables().marks(&trigger, mark),
            Wake::LateClaim(claim) => drop(parts.ledger.claims(&claim.as_claim())),
            Wake::LateLaunch(launch) => drop(parts.ecs.start(&launch)),
            Wake::LateEnqueue(launch) => {
                drop(launch.pool.as_ref().map(|pool| parts.ecs.lies(&launch, pool)));
            }
            Wake::Pool(happening) => self.happens(happening),
        }
    }

    /// Begins a flow, and polls it once.
    pub(super) fn begin(&mut self, of: Of, future: Boxed<'a>) {
        self.started += 1;
        self.flows.insert(self.started, Flow { of, future });
        self.poll(self.started);
    }

    fn poll(&mut self, id: FlowId) {
        // Its time may come after its end.
        let Some(flow) = self.flows.get_mut(&id) else { return };
        self.world.polls(id, matches!(flow.of, Of::Sweep(_)));
        let polled = flow.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Pending if self.world.take_crash() => self.end_early(id, "crashed"),
            Poll::Pending => {}
            Poll::Ready(outcome) => {
                let Some(flow) = self.flows.remove(&id) else { return };
                match (flow.of, outcome) {
                    (Of::Messages(delivery, _), Outcome::Handled(outcomes)) => {
                        self.messages.settle_all(delivery, &outcomes);
                    }
                    (Of::Task(number), Outcome::Exited(code)) => self.stop(number, exited(code)),
                    (Of::Mate(mate, message), Outcome::Left(ended)) => {
                        self.lets_go(mate, message, &ended);
                    }
                    _ => {}
                }
            }
        }
    }

    /// The flow ends where it stands, and what it holds is dropped.
    fn end_early(&mut self, id: FlowId, why: &str) {
        let Some(flow) = self.flows.remove(&id) else { return };
        self.world.note(|| format!("{:?} {why}", flow.of));
        match flow.of {
            Of::Messages(delivery, process) => {
                self.serving.replace(process);
                self.messages.abandon(delivery);
            }
            Of::Sweep(process) => self.serving.replace(process),
            Of::Operator => {}
            Of::Mate(mate, _) => self.loses(mate),
            Of::Task(number) => {
                let exit_code = Some(EXIT_CRASH);
                self.stop(number, Ending { exit_code, stop_code: EXITED, reason: None });
            }
        }
    }

    fn plan_sweeps(&self) {
        if self.parts.planted != Planted::NeverSwept {
            let first_ms = self.world.below(super::chance::Stream::Scenario, MINUTE);
            self.world.wake_in(first_ms, Wake::Sweep);
        }
    }
}
