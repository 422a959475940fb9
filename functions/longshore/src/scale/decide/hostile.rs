//! Many histories of a fleet that obeys, and of metrics that lie.

use crate::{
    scale::{
        Bias, Decision, Draining, Finished, Observation, Policy, Reading, Settings, State, decide,
        number::whole,
    },
    trigger::Seconds,
};

/// Histories in `cargo test`; `LONGSHORE_HISTORIES=1000000` makes it as many as there is time for.
const HISTORIES: u64 = 4_000;
/// Observations of a history.
const LENGTH: u32 = 60;
/// Age after which a task may leave: the first minute is paid.
const PAID_SECS: f64 = 66.0;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let high = (mixed ^ (mixed >> 31)) >> 32;
        u32::try_from((high * u64::from(bound)) >> 32).unwrap()
    }

    fn one_in(&mut self, count: u32) -> bool {
        self.below(count) == 0
    }

    /// A number that is none, or one that is absurd.
    fn lie(&mut self) -> f64 {
        [f64::NAN, -1.0, 1e12, f64::INFINITY, -1e300][self.below(5) as usize]
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Life {
    Starting,
    Receiving,
    Draining,
}

struct Task {
    life: Life,
    age_secs: f64,
    ready_secs: f64,
    in_flight: u32,
}

struct World {
    dice: Dice,
    at_secs: f64,
    slots: u32,
    visible: u32,
    tasks: Vec<Task>,
    finished: u32,
    started_secs: Vec<f64>,
}

impl World {
    /// Time goes by: tasks start, work and, when they were told to, leave empty.
    fn go_on(&mut self, secs: f64) {
        self.at_secs += secs;
        let come = [0, 0, 3, 40, 2_000][self.dice.below(5) as usize];
        self.visible += self.dice.below(come + 1);
        for task in &mut self.tasks {
            task.age_secs += secs;
            if task.life == Life::Starting && task.age_secs >= task.ready_secs {
                task.life = Life::Receiving;
                self.started_secs.push(task.age_secs);
            }
            let done = self.dice.below(task.in_flight + 1);
            task.in_flight -= done;
            self.finished += done;
            if task.life == Life::Receiving {
                let taken = self.visible.min(self.slots - task.in_flight);
                self.visible -= taken;
                task.in_flight += taken;
            }
        }
        self.tasks.retain(|task| task.life != Life::Draining || task.in_flight > 0);
    }

    fn count(&self, life: Life) -> u32 {
        u32::try_from(self.tasks.iter().filter(|task| task.life == life).count()).unwrap()
    }

    fn in_flight(&self, life: Life) -> u32 {
        self.tasks.iter().filter(|task| task.life == life).map(|task| task.in_flight).sum()
    }

    /// What is seen, and whether it is the truth.
    fn observe(&mut self) -> (Observation, bool) {
        let all: u32 = self.tasks.iter().map(|task| task.in_flight).sum();
        let at_secs = self.at_secs;
        let truth = Reading { at_secs, visible: self.visible.into(), in_flight: all.into() };
        let paid = |task: &&Task| task.life == Life::Receiving && task.age_secs >= PAID_SECS;
        let starting = self.tasks.iter().filter(|task| task.life == Life::Starting);
        let draining = Draining {
            tasks: self.count(Life::Draining),
            in_flight: self.in_flight(Life::Draining).into(),
        };
        let messages = f64::from(std::mem::take(&mut self.finished));
        let mut seen = Observation {
            at_secs,
            queue: Some(truth),
            running: self.count(Life::Receiving),
            may_leave: u32::try_from(self.tasks.iter().filter(paid).count()).unwrap(),
            starting_secs: starting.map(|task| task.age_secs).collect(),
            draining,
            workers: Some(Finished { messages, busy_secs: 2.0 * messages }),
            started_secs: std::mem::take(&mut self.started_secs),
            ..Observation::default()
        };
        let lies = self.dice.one_in(3);
        if lies {
            match self.dice.below(6) {
                0 => seen.queue = None,
                1 => seen.queue = Some(Reading { visible: self.dice.lie(), ..truth }),
                2 => seen.queue = Some(Reading { in_flight: self.dice.lie(), ..truth }),
                3 => {
                    seen.queue = Some(Reading { at_secs: at_secs - 1_800.0, ..truth });
                }
                4 => seen.queue = Some(Reading { at_secs: self.dice.lie(), ..truth }),
                _ => seen.at_secs = f64::NAN,
            }
        }
        if self.dice.one_in(5) {
            let lie = self.dice.lie();
            seen.workers = Some(Finished { messages: lie, busy_secs: lie });
        }
        (seen, !lies)
    }

    /// Does what was decided; how many of those that were told to leave were at work.
    fn obey(&mut self, decision: &Decision) -> u32 {
        for _ in 0..decision.launch {
            let ready_secs = 10.0 + f64::from(self.dice.below(60));
            let life = Life::Starting;
            self.tasks.push(Task { life, age_secs: 0.0, ready_secs, in_flight: 0 });
        }
        self.tasks.sort_by_key(|task| task.in_flight);
        let may = |task: &&mut Task| task.life == Life::Receiving && task.age_secs >= PAID_SECS;
        let mut at_work = 0;
        for task in self.tasks.iter_mut().filter(may).take(decision.drain as usize) {
            task.life = Life::Draining;
            at_work += u32::from(task.in_flight > 0);
        }
        at_work
    }
}

fn live(seed: u64) {
    let mut dice = Dice(seed);
    let slots = if dice.one_in(2) { 1 } else { 1 + dice.below(8) };
    let settings = Settings {
        max_wait: Seconds::new(1 + dice.below(900)),
        min_tasks: dice.below(3),
        max_tasks: 3 + dice.below(60),
        messages_per_task: slots,
        bias: [Bias::Cheap, Bias::Balanced, Bias::Fast][dice.below(3) as usize],
        expected_seconds: Some(0.1 + f64::from(dice.below(100))),
    };
    let policy = Policy::new("queue", &settings).unwrap();
    let (tasks, started_secs) = (Vec::new(), Vec::new());
    let mut world =
        World { dice, at_secs: 1.8e9, slots, visible: 0, tasks, finished: 0, started_secs };
    let mut state = State::default();
    for _ in 0..LENGTH {
        let secs = 1.0 + f64::from(world.dice.below(9));
        world.go_on(secs);
        let (observation, is_true) = world.observe();
        let (decision, next) = decide(&observation, state, &policy);
        state = next;
        let staying = world.count(Life::Receiving) - decision.drain;
        let at_work = world.in_flight(Life::Receiving).div_ceil(slots);
        let starting = world.count(Life::Starting);
        let drained = world.obey(&decision);
        let told = || format!("seed {seed}: {decision} {observation:?}");
        if is_true {
            assert!(
                staying + starting >= at_work.min(whole(policy.max_tasks.into())),
                "{}",
                told()
            );
        } else {
            assert_eq!(decision.drain, 0, "{}", told());
        }
        if slots == 1 && starting == 0 {
            assert_eq!(drained, 0, "a task at work was told to leave: {}", told());
        }
        let alive = u32::try_from(world.tasks.len()).unwrap();
        assert!(alive <= settings.max_tasks, "{alive} tasks: {}", told());
    }
}

#[test]
fn no_history_stops_a_task_at_work() {
    #[expect(clippy::disallowed_methods, reason = "how long the test may take is not a decision")]
    let asked = std::env::var("LONGSHORE_HISTORIES").ok();
    let histories = asked.map_or(HISTORIES, |count| count.parse().unwrap());
    (0..histories).for_each(live);
}
