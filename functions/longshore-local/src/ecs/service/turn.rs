//! One look at a service, carried out: its record, new tasks and stops are one write.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{Change, StoreError};

use super::{
    super::{
        Ecs,
        drive::Stop,
        launch::Placed,
        lock,
        outbox::{Notice, Outbox},
        state::State,
        task::{StopCode, Task},
        transition::{self, Course},
    },
    actions::deployment_id,
    aim::{ending, seen},
    decide::{Seen, decide},
    record::Service,
};

/// When a service is looked at again whose change could not be written.
const WRITE_AGAIN: SignedDuration = SignedDuration::from_secs(1);

/// Most tasks that one look starts; what they do calls for the next look.
const STARTS_MAX: usize = 100;

/// What one look at a service comes to.
struct Turn {
    service: Service,
    placed: Placed,
    stops: Vec<Course>,
}

impl Ecs {
    /// Looks at a service and does what is to be done; when to look again, if nobody asks before.
    pub(super) fn turn(self: &Arc<Self>, key: &str) -> Option<Timestamp> {
        let now = self.ground.clock.now();
        let mut state = self.state();
        if state.is_closing {
            return None;
        }
        let before = state.services.get(key)?.clone();
        let turn = self.judge(&state, before.clone(), now);
        if let Err(error) = self.write(&mut state, &turn, &before) {
            tracing::error!(service = key, %error, "a change of a service could not be written");
            return Some(now + WRITE_AGAIN);
        }
        let wakes_at = turn.service.wakes_at(&state.tasks_of(key), now);
        drop(state);
        self.outbox.flush(&self.ground);
        for (task, launches) in turn.placed.tasks {
            self.begin(task, launches);
        }
        let drives = lock(&self.drives);
        for Course { task, .. } in &turn.stops {
            if let Some(drive) = drives.get(&task.id) {
                drive.tell(Stop::Terminate);
            }
        }
        wakes_at
    }

    fn judge(&self, state: &State, mut service: Service, now: Timestamp) -> Turn {
        let tasks = state.tasks_of(&service.key());
        let seen: Vec<Seen> = tasks.iter().map(|task| seen(task, now)).collect();
        match deployment_id() {
            Ok(fresh_id) => service.settle(&seen, &fresh_id, now),
            Err(error) => tracing::error!(%error, "a service waits for randomness"),
        }
        let decision = match service.aim(now) {
            Some(aim) if service.is_active() => decide(&aim, &seen, now),
            _ => ending(&seen),
        };
        let placed = self.place_of(state, &mut service, decision.starts.min(STARTS_MAX), now);
        let is_over = |task: &&&Task| decision.stops.contains(&task.id);
        let stops: Vec<Course> =
            tasks.iter().filter(is_over).map(|task| stopped((*task).clone(), now)).collect();
        let started: Vec<&str> = placed.tasks.iter().map(|(task, _)| task.id.as_str()).collect();
        let ended: Vec<&str> = stops.iter().map(|course| course.task.id.as_str()).collect();
        service.tell(&started, &ended, now);
        if let Some(blocked) = decision.blocked {
            service.tell_of_blocked(blocked, now);
        }
        Turn { service, placed, stops }
    }

    /// Writes what is new, then shows it to everybody.
    fn write(&self, state: &mut State, turn: &Turn, before: &Service) -> Result<(), StoreError> {
        let new = turn.placed.tasks.iter().map(|(task, _)| task);
        let stopping = turn.stops.iter().map(|course| &course.task);
        let told = new.clone().chain(turn.stops.iter().flat_map(|course| &course.passed));
        let notices = self.outbox.number(told.map(Notice::of));
        let mut changes: Vec<Change> = new.clone().chain(stopping.clone()).map(Task::row).collect();
        changes.extend(Outbox::rows(&notices));
        changes.extend((turn.service != *before).then(|| turn.service.row()));
        if changes.is_empty() {
            return Ok(());
        }
        self.ground.store.write(&changes)?;
        for task in new.chain(stopping) {
            state.put_task(task.clone());
        }
        state.put_service(turn.service.clone());
        self.outbox.push(notices);
        Ok(())
    }
}

fn stopped(task: Task, now: Timestamp) -> Course {
    let deployment = task.started_by.as_deref().unwrap_or_default();
    let reason = format!("Scaling activity initiated by (deployment {deployment})");
    transition::stop_requested(task, StopCode::ServiceSchedulerInitiated, &reason, now)
}
