//! What must hold of tasks that work.

use std::collections::BTreeSet;

use longshore::trigger::Launch;

use super::{
    ecs::{SimEcs, State},
    ledger::short,
    life::Task,
    scenario::Version,
    spec::Spec,
};

impl Task {
    /// Whether it works on another version of an object than `other`, or on the same one.
    fn shares_object(&self, other: &Self) -> bool {
        let is_same = |one: &Version, other: &Version| {
            (&one.trigger, &one.key) == (&other.trigger, &other.key)
        };
        self.inputs.iter().any(|one| other.inputs.iter().any(|other| is_same(one, other)))
    }

    fn works_now(&self) -> bool {
        self.works && self.stopped_at_ms.is_none()
    }
}

impl State {
    /// A version that the task works on although its run was told that it is done.
    fn done_before(&self, number: usize) -> Option<&Version> {
        let me = &self.tasks[number];
        let heard = || self.tasks.iter().filter(|task| task.is_heard);
        me.inputs.iter().find(|version| heard().any(|task| task.done.contains(version)))
    }
}

impl SimEcs<'_> {
    /// I3, I13 and one version at a time: the task does the work of its run from now on.
    pub(super) fn works(&self, number: usize, inputs: Vec<Version>) {
        let mut state = self.state();
        state.tasks[number].works = true;
        state.tasks[number].inputs = inputs;
        let me = &state.tasks[number];
        // Nothing keeps foreign containers from working but that they are started once.
        if self.scenario.is_foreign && self.world.is_any_uncertain() {
            return;
        }
        let run = &me.launch.id.run;
        let trigger = me.variable("LONGSHORE_TRIGGER");
        let spec = self.scenario.spec(trigger);
        let (mut of_trigger, mut of_object, mut of_run) = (BTreeSet::new(), 0, 0);
        for other in state.tasks.iter().filter(|task| task.works_now()) {
            of_run += u32::from(other.launch.id.run == *run);
            of_object += u32::from(other.shares_object(me));
            if other.variable("LONGSHORE_TRIGGER") == trigger {
                // The shards of a tick are one.
                let tick = other.variable("LONGSHORE_SCHEDULED_TIME");
                let alone = if tick.is_empty() { other.arn.as_str() } else { tick };
                of_trigger.insert(alone);
            }
        }
        let of_trigger = u32::try_from(of_trigger.len()).unwrap_or(u32::MAX);
        let is_latest = spec.is_some_and(|spec| spec.is_latest);
        let limit = spec.and_then(Spec::limit);
        if of_run > 1 {
            let seen = format!("{of_run} tasks work for run {}", short(run));
            self.world.violate("I3 one holder of the fence", seen);
        } else if is_latest && of_object > 1 {
            let seen = format!("{of_object} tasks work on versions of {:?}", me.inputs);
            self.world.violate("one version at a time", seen);
        } else if let Some(version) = state.done_before(number) {
            let seen = format!("task {number} works on {version:?}, which was reported done");
            self.world.violate("what is done is not done again", seen);
        } else if limit.is_some_and(|limit| of_trigger > limit) {
            let seen = format!("{of_trigger} tasks of {trigger} work at once");
            self.world.violate("I13 concurrency", seen);
        }
    }

    /// The newest version comes last: the task writes what it found in its object.
    pub(super) fn writes(&self, number: usize) {
        let mut state = self.state();
        let task = &state.tasks[number];
        let spec = self.scenario.spec(task.variable("LONGSHORE_TRIGGER"));
        let is_latest = spec.is_some_and(|spec| spec.is_latest);
        if !is_latest || (self.scenario.is_foreign && self.world.is_any_uncertain()) {
            return;
        }
        for Version { trigger, key, sequencer } in task.inputs.clone() {
            let object = (trigger, key);
            if state.written.get(&object).is_some_and(|last| *last > sequencer) {
                let seen =
                    format!("task {number} writes {sequencer} of {object:?}, and is not newest");
                self.world.violate("the newest version comes last", seen);
            }
            state.written.insert(object, sequencer);
        }
    }

    /// Where ticks do not run side by side, the tasks of one have stopped when those of the next
    /// begin. What a launch may have started that was given up is kept from working by its fence.
    pub(super) fn begins_alone(&self, state: &State, launch: &Launch) {
        let named = |name: &str| launch.environment.get(name).map(String::as_str);
        let trigger = named("LONGSHORE_TRIGGER").unwrap_or_default();
        if !self.scenario.spec(trigger).is_some_and(Spec::is_alone) {
            return;
        }
        let at = named("LONGSHORE_SCHEDULED_TIME");
        let is_other = |task: &&Task| {
            let is_of_trigger = task.variable("LONGSHORE_TRIGGER") == trigger;
            let is_uncertain = !task.works && self.world.is_uncertain(&task.launch.id);
            let is_over = task.stopped_at_ms.is_some();
            let is_same = at == Some(task.variable("LONGSHORE_SCHEDULED_TIME"));
            is_of_trigger && !is_over && !is_same && !is_uncertain
        };
        let is_uncertain = self.world.is_uncertain(&launch.id)
            || (self.scenario.is_foreign && self.world.is_any_uncertain());
        if let Some(other) = state.tasks.iter().find(is_other).filter(|_| !is_uncertain) {
            let seen = format!("{} begins, and {} has not stopped", launch.id, other.launch.id);
            self.world.violate("a tick starts when the other has stopped", seen);
        }
    }
}
