//! Worlds that go on equally are made equal: there are a hundred times fewer.
//!
//! What is left out is only what the machine refuses in this world and in all that follow, because
//! attempt, launch and `ver` never go back and an end is final.

use crate::{
    Interleavings,
    moves::{Exit, LaunchName, Move},
    world::{Driver, Stage, World, Write},
};

impl Interleavings {
    pub(crate) fn simplify(&self, next: &mut World) {
        if self.is_simplified {
            self.forget_refused(next);
            self.forget_stopped(next);
        }
        next.drivers.sort_unstable();
    }

    /// A driver whose write the machine would refuse is where one is that begins.
    fn forget_refused(&self, next: &mut World) {
        let row = next.row;
        for driver in &mut next.drivers {
            if let Driver::Writes(Write { next: asked, change: None, .. }) = *driver
                && (asked == Move::Claim || self.take(row, asked).is_none())
            {
                *driver = Driver::Idle;
            }
        }
    }

    /// Of a task whose launch is over it only matters whether it may still ask for the fence.
    fn forget_stopped(&self, next: &mut World) {
        let face = self.face(next.row);
        let is_over = |of: LaunchName| of < face.at || face.state.is_terminal();
        for launch in std::mem::take(&mut next.late) {
            if next.tasks.iter().any(|task| task.name.of == launch) {
                continue;
            }
            if is_over(launch) {
                next.start(launch);
            } else {
                next.late.push(launch);
            }
        }
        let drivers = next.drivers;
        next.tasks.retain(|task| {
            let is_claimed = |driver: &Driver| {
                matches!(driver, Driver::Claimed { of, .. } if *of == task.name.of)
            };
            let is_proof = task.is_done() && task.name.of == face.at;
            !is_over(task.name.of)
                || !task.is_stopped()
                || is_proof
                || drivers.iter().any(is_claimed)
        });
        for task in next.tasks.iter_mut().filter(|task| is_over(task.name.of)) {
            match &mut task.stage {
                Stage::Pending => task.stage = Stage::Up,
                Stage::Stopped { exit, .. } => *exit = Exit::Lost,
                _ => {}
            }
            task.is_known = true;
        }
    }
}
