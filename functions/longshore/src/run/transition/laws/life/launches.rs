//! What holds of launches, and of ticks that start nothing.

use super::*;

impl Life {
    /// Only a tick of which nothing was begun is let go.
    pub(super) fn saw_tick(&mut self, before: &Run, step: &Step, run: &Run) {
        let (is_skipped, is_missed) =
            (matches!(step, Step::Skip { .. }), matches!(step, Step::Miss { .. }));
        if is_skipped || is_missed {
            assert!(before.is_unbegun_tick() && run.state == State::Superseded);
            assert_eq!(self.frozen.len(), 0, "nothing was launched");
        }
        if matches!(step, Step::Gather { .. }) || run.shards.is_some() {
            assert_eq!((self.frozen.len(), run.task()), (0, None), "its shards have the tasks");
        }
        self.meet("a tick that its shards end", matches!(step, Step::Gather { .. }));
        self.meet("a tick that is skipped", is_skipped);
        self.meet("a tick that is missed", is_missed);
        self.meet("a tick that somebody asks for", *step == Step::Ask);
    }

    pub(super) fn saw_launch(&mut self, before: &Run, step: &Step, run: &Run, now: Timestamp) {
        let id = (run.attempt, run.launch);
        if let Some(executor) = &run.executor {
            let holder = self.executors.entry(id).or_insert_with(|| executor.clone());
            assert_eq!(holder, executor, "one task holds the fence of {id:?}");
            assert_eq!((run.lease_until, &run.waits), (None, &None));
        }
        if let (Step::Claim { .. }, Some(Wait::Until(begins))) = (step, &before.waits) {
            assert!(now >= *begins, "a tick begins before its place in the jitter");
            self.meet("a tick that waited for its place", true);
        }
        match step {
            Step::Claim { .. } if run.state == State::Launching => {
                assert!(self.frozen.contains_key(&id), "nobody launches what is not frozen");
                let first = *self.first_calls.entry(id).or_insert(now);
                assert!(now < later(first, TOKEN_REUSE_SECS), "the token is too old");
                assert!(run.lease_until > Some(now) && before.lease_until <= Some(now));
                let has_one = run.input.object().is_some();
                assert_eq!(run.holds, run.latest && has_one, "only who holds the object may write");
            }
            Step::Refuse { claimed_ver, .. } => {
                assert_eq!(
                    *claimed_ver, before.ver,
                    "only the refusal of the present claim counts"
                );
            }
            Step::Fence { id: launch, .. } => {
                assert_eq!((launch, &before.stopping), (&before.launch_id(), &None));
            }
            Step::Settle { id: launch, task, .. } => {
                assert_eq!(*launch, before.launch_id());
                assert!(before.task().is_none_or(|known| known == task));
            }
            _ => {}
        }
        if run.lies_in_pool() {
            assert_eq!(run.task(), None, "nobody has what lies in a pool");
        }
        let is_fence = matches!(step, Step::Fence { .. });
        self.meet("a worker of a pool that takes its work", is_fence && run.pool().is_some());
        self.meet("a run that is taken before it lies in its pool", {
            is_fence && run.pool().is_some() && before.state == State::Launching
        });
        self.meet("a second launch", run.launch > 1);
        self.meet(
            "a fence before the record",
            matches!(step, Step::Fence { .. }) && before.state == State::Launching,
        );
        self.meet(
            "a stop for a deadline",
            matches!(step, Step::Stop { .. })
                && matches!(run.stopping, Some(Stopping::Start { .. } | Stopping::Timeout { .. })),
        );
    }
}
