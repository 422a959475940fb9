//! Which run has which versions of objects, where a run has several.

use std::collections::BTreeMap;

use longshore::{
    run::{ObjectOrder, Run, RunId},
    trigger::{Input, Listed, ObjectVersion},
};
use longshore_engine::ports::{Claim, Claimed, Holder};

use super::{
    call::NoAnswer,
    chance::{Fault, Service},
    ledger::{SimLedger, short},
    planted::Planted,
    scenario::Version,
    tables::{Object, Tables},
    wake::Wake,
    world::World,
};

/// A [`Claim`] that outlives its caller.
#[derive(Debug)]
pub(super) struct OwnClaim {
    trigger: String,
    order: ObjectOrder,
    run: RunId,
    attempt: u32,
    parent: Option<RunId>,
    ended: Option<Holder>,
}

impl OwnClaim {
    pub(super) fn of(claim: &Claim<'_>) -> Self {
        Self {
            trigger: claim.trigger.to_owned(),
            order: claim.order.clone(),
            run: claim.run.clone(),
            attempt: claim.attempt,
            parent: claim.parent.cloned(),
            ended: claim.ended.cloned(),
        }
    }

    pub(super) fn as_claim(&self) -> Claim<'_> {
        Claim {
            trigger: &self.trigger,
            order: &self.order,
            run: &self.run,
            attempt: self.attempt,
            parent: self.parent.as_ref(),
            ended: self.ended.as_ref(),
        }
    }
}

impl SimLedger<'_> {
    /// Has an object be one run's.
    pub(super) fn claims(&self, claim: &Claim<'_>) -> Claimed {
        let claimed = self.tables().claim(claim, self.planted);
        self.world.note(|| format!("  {} claims: {claimed:?}", short(claim.run)));
        claimed
    }

    /// A claim is a write: it may be late, or be repeated.
    pub(super) async fn claimed(&self, claim: &Claim<'_>) -> Result<Claimed, NoAnswer> {
        if let Some(wait_ms) = self.world.lateness() {
            self.world.note(|| format!("  {} a claim will be late", short(claim.run)));
            self.world.wake_in(wait_ms, Wake::LateClaim(Box::new(OwnClaim::of(claim))));
            drop(self.world.call(Service::Ledger, || ()).await);
            return Err(NoAnswer);
        }
        if self.world.strikes(Fault::Repeated) {
            self.world.call(Service::Ledger, || self.claims(claim)).await?;
        }
        let claimed = self.world.call(Service::Ledger, || self.claims(claim)).await;
        match claimed? {
            Claimed::Theirs(_) if self.planted == Planted::LostIsWorkedOn => Ok(Claimed::Ours),
            claimed => Ok(claimed),
        }
    }
}

impl Version {
    pub(super) fn of(trigger: &str, object: &ObjectVersion) -> Self {
        Self {
            trigger: trigger.to_owned(),
            key: object.key.clone(),
            sequencer: object.sequencer.clone().unwrap_or_default(),
        }
    }

    /// The work of a tick, or of its shard, is like the only version of an object.
    pub(super) fn of_tick(trigger: &str, tick: &str) -> Self {
        Self { trigger: trigger.to_owned(), key: tick.to_owned(), sequencer: String::new() }
    }
}

impl Tables {
    /// Has an object be one run's, if its condition holds.
    pub(super) fn claim(&mut self, claim: &Claim<'_>, planted: Planted) -> Claimed {
        let is_own = |run: &RunId| run == claim.run || Some(run) == claim.parent;
        let ended = claim.ended.filter(|_| planted != Planted::HoldNotFreed);
        if let Some(object) = self.object(claim.trigger, &claim.order.object) {
            let is_theirs = object.sequence == claim.order.sequence && !is_own(&object.newest);
            if object.sequence > claim.order.sequence || is_theirs {
                return Claimed::Theirs(object.newest.clone());
            }
            let later =
                |holder: &&Holder| holder.run == *claim.run && holder.attempt > claim.attempt;
            if object.holder.as_ref().is_some_and(|holder| later(&holder)) {
                return Claimed::Ours;
            }
            let is_at_work = |holder: &&Holder| !is_own(&holder.run) && Some(*holder) != ended;
            let holder = object.holder.as_ref().filter(is_at_work);
            if let Some(holder) = holder.filter(|_| planted != Planted::HeldIsClaimed) {
                return Claimed::Held(holder.clone());
            }
        }
        let key = (claim.trigger.to_owned(), claim.order.object.clone());
        let holder = Some(Holder { run: claim.run.clone(), attempt: claim.attempt });
        let (sequence, newest) = (claim.order.sequence.clone(), claim.run.clone());
        self.objects.insert(key, Object { sequence, newest, holder });
        Claimed::Ours
    }

    /// The objects of a list.
    pub(super) fn list(&self, list: &RunId) -> Vec<Listed> {
        let pages = self.pages.range((list.clone(), 0)..=(list.clone(), u32::MAX));
        pages.flat_map(|(_, page)| page.clone()).collect()
    }

    /// What the run works on.
    pub(super) fn versions(&self, run: &Run) -> Vec<Version> {
        match &run.input {
            Input::Object(object) => vec![Version::of(&run.trigger, object)],
            Input::Objects(objects) => {
                let list = self.list(&objects.list);
                let listed = objects.left.of(&list);
                listed.map(|listed| Version::of(&run.trigger, &listed.input)).collect()
            }
            // Those of a tick of several shards are theirs.
            Input::Tick(_) if run.shards.is_some() => Vec::new(),
            Input::Tick(tick) => vec![Version::of_tick(&run.trigger, &tick.to_string())],
        }
    }

    /// The place of every version that was ever gathered.
    pub(super) fn orders(&self) -> BTreeMap<Version, ObjectOrder> {
        let mut orders = BTreeMap::new();
        for ((list, _), page) in &self.pages {
            let Some(row) = self.runs.get(list) else { continue };
            orders.extend(page.iter().map(|listed| {
                (Version::of(&row.run.trigger, &listed.input), listed.order.clone())
            }));
        }
        orders
    }

    /// One run has a version: the one that forms now, and before it no other than the one whose
    /// objects it takes over.
    pub(super) fn forms(&mut self, run: &Run, world: &World) {
        let versions = self.versions(run);
        world.count(|stats| stats.batches += u64::from(versions.len() > 1));
        for version in versions {
            let before = self.owners.insert(version.clone(), run.id.clone());
            if let Some(other) =
                before.filter(|it| *it != run.id && Some(it) != run.parent.as_ref())
            {
                let (other, run) = (short(&other), short(&run.id));
                let seen = format!("{version:?} was run {other}'s, and becomes run {run}'s");
                world.violate("I1 one run per object version", seen);
            }
        }
    }

    /// The run has what its task works on.
    pub(super) fn has(&self, run: &RunId, versions: &[Version]) -> bool {
        versions.iter().all(|version| self.owners.get(version) == Some(run))
    }
}
