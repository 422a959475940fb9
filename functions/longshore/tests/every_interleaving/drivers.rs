//! A driver, step by step, as the flow that launches goes: claim ─▶ RunTask ─▶ record.

use longshore::run::{self, State, Written};

use crate::{
    Interleavings,
    act::Act,
    book::Change,
    moves::Move,
    world::{Broken, Driver, World, Write},
};

impl Interleavings {
    pub(crate) fn drives(&self, next: &mut World, act: Act) -> Option<()> {
        match act {
            Act::Begins(n) => next.drivers[n] = self.judged(next, Move::Claim)?,
            Act::Answered(n) => self.answered(next, n)?,
            Act::Unheard(n) => {
                let Driver::Writes(write) = next.drivers[n] else { return None };
                self.lands(next, write.next, write.change?);
                next.drivers[n] = Driver::Writes(Write { landed: true, ..write });
            }
            Act::Crashes(n) => next.drivers[n] = Driver::Idle,
            Act::Named(n) => {
                let Driver::Claimed { of, is_last } = next.drivers[n] else { return None };
                let task = self.runs_task(next, of);
                next.drivers[n] = self.records(next, Move::Launched(task), is_last);
            }
            Act::Refused { driver, is_permanent } => {
                let Driver::Claimed { of, is_last } = next.drivers[driver] else { return None };
                let refuse = Move::Refuse { of, is_fresh: is_last, is_permanent };
                next.drivers[driver] = self.records(next, refuse, is_last);
            }
            Act::TimesOut(n) => {
                let Driver::Claimed { of, .. } = next.drivers[n] else { return None };
                next.late.push(of);
                next.late.sort_unstable();
                next.drivers[n] = Driver::Idle;
            }
            _ => return None,
        }
        Some(())
    }

    /// The write of `asked`, judged by the run as it stands; none if it is refused.
    fn judged(&self, world: &World, asked: Move) -> Option<Driver> {
        let change = self.take(world.row, asked)?;
        Some(Driver::Writes(Write { next: asked, change: Some(change), landed: false }))
    }

    /// The write of `asked`, judged by the run as it was claimed: the ledger refuses it if
    /// somebody else has written since.
    fn records(&self, world: &World, asked: Move, is_last: bool) -> Driver {
        if is_last {
            return self.judged(world, asked).unwrap_or(Driver::Idle);
        }
        Driver::Writes(Write { next: asked, change: None, landed: false })
    }

    fn answered(&self, next: &mut World, n: usize) -> Option<()> {
        let Driver::Writes(write) = next.drivers[n] else { return None };
        next.drivers[n] = match write.change {
            Some(change) if write.landed => match self.tried_again(next, change) {
                Written::Done => self.goes_on(write.next, change),
                _ => self.judged(next, write.next).unwrap_or(Driver::Idle),
            },
            Some(change) => {
                self.lands(next, write.next, change);
                self.goes_on(write.next, change)
            }
            None => self.judged(next, write.next).unwrap_or(Driver::Idle),
        };
        Some(())
    }

    /// What the ledger's answer means to a write that is tried again after it took effect.
    fn tried_again(&self, world: &World, change: Change) -> Written {
        let book = self.book();
        let run = run::Run { wid: "own".into(), ..book.run(change.run).clone() };
        let wid = if world.row == change.run { "own" } else { "another's" };
        let stands = run::Run { wid: wid.into(), ..book.run(world.row).clone() };
        run::Change { run, expects_ver: None, also: Vec::new() }.judge(stands)
    }

    fn lands(&self, next: &mut World, asked: Move, change: Change) {
        if let Move::Refuse { of, .. } = asked
            && next.tasks.iter().any(|task| task.name.of == of)
        {
            next.broken = Some(Broken::TaskDisowned);
        }
        let was_over = self.face(next.row).state.is_terminal();
        next.written(change, was_over);
    }

    /// What the driver does after its write.
    fn goes_on(&self, asked: Move, change: Change) -> Driver {
        let face = self.face(change.run);
        if asked == Move::Claim && face.state == State::Launching && face.is_leased {
            Driver::Claimed { of: face.at, is_last: true }
        } else {
            Driver::Idle
        }
    }
}
