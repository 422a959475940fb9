//! Messages: they come, wait for a free slot, and are worked on.

use super::{Engine, events::Event, fleet::Life};

impl Engine<'_> {
    pub(super) fn message_comes(&mut self) {
        self.waiting.push_back(crate::number::small(self.come));
        self.come += 1;
        if self.rules.is_task_per_message {
            self.add(1);
        }
        self.dispatch();
    }

    /// Gives what waits to free slots, any of them: whoever polls gets it.
    pub(super) fn dispatch(&mut self) {
        while !self.waiting.is_empty() && !self.idle.is_empty() {
            let free = self.dice.below(self.idle.len());
            let (id, epoch) = self.idle.swap_remove(free);
            let task = &self.tasks[id as usize];
            if task.life != Life::Running || task.epoch != epoch {
                continue;
            }
            if let Some(message) = self.waiting.pop_front() {
                self.begin(id, message);
            }
        }
    }

    pub(super) fn begin(&mut self, id: u32, message: u32) {
        self.in_flight += 1;
        let task = &mut self.tasks[id as usize];
        task.untold.work(self.at_secs, task.in_flight.len(), 0.0);
        task.in_flight.push((message, self.at_secs));
        let secs = self.world.receive_secs + self.trace.work_secs[message as usize];
        self.events.push(self.at_secs + secs, Event::Done(id, message));
    }

    pub(super) fn message_is_done(&mut self, id: u32, message: u32) {
        let task = &mut self.tasks[id as usize];
        let found = task.in_flight.iter().position(|(held, _)| *held == message);
        let Some(place) = found else { return };
        task.untold.work(self.at_secs, task.in_flight.len(), 1.0);
        let (_, begun_secs) = task.in_flight.swap_remove(place);
        let (life, epoch, is_empty) = (task.life, task.epoch, task.in_flight.is_empty());
        self.in_flight -= 1;
        self.tally.done += 1;
        self.last_done_secs = self.at_secs;
        let came_secs = self.trace.arrivals[message as usize];
        if came_secs >= self.trace.warm_up_secs {
            #[expect(clippy::cast_possible_truncation, reason = "a wait to a hundredth will do")]
            self.tally.waits_secs.push((begun_secs - came_secs) as f32);
        }
        if self.rules.is_one_message {
            self.end(id);
            if self.rules.is_task_per_message {
                self.launch_pending();
            }
        } else if life == Life::Running {
            self.idle.push((id, epoch));
            self.dispatch();
        } else if is_empty {
            self.end(id);
        }
    }
}
