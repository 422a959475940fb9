//! Events ─▶ the runs that they have already, so that nothing is sent in vain.

use std::collections::BTreeSet;

use longshore::{
    backfill::has_version,
    run::{ObjectOrder, Run, RunId, digest},
    trigger::{Event, Input, ObjectEvent, ObjectVersion, Order, Plan, Registered, plan},
};
use longshore_engine::ports::Ledger as _;

use super::{OpsError, Stack};

impl Stack {
    /// The run that each event has, in the order of the events. A run names most by its id; an
    /// object that was gathered with others, or had no version, is found by whom it went to.
    pub(super) async fn known(
        &self,
        trigger: &Registered,
        events: &[Event],
    ) -> Result<Vec<Option<RunId>>, OpsError> {
        let plans: Vec<Plan> = events.iter().map(|event| plan(&trigger.settings, event)).collect();
        let ids: Vec<RunId> = plans.iter().map(|plan| plan.run.clone()).collect();
        let runs = self.ledger.runs_named(&ids).await.map_err(|error| self.ledger_error(error))?;
        // A tick that started nothing runs when somebody asks for it.
        let is_idle = |run: &Run| {
            run.outcome.as_ref().is_some_and(|outcome| outcome.class.is_of_an_idle_tick())
        };
        let runs = runs.into_iter().filter(|run| !is_idle(run));
        let runs: BTreeSet<RunId> = runs.map(|run| run.id).collect();
        let objects = events.iter().zip(&ids).filter_map(|(event, id)| match event {
            Event::Object(object) if !runs.contains(id) => Some(object),
            _ => None,
        });
        let objects: Vec<&ObjectEvent> = objects.collect();
        let taken = self.taken(&trigger.settings.name, &objects).await?;
        let known = events.iter().zip(ids).map(|(event, id)| match event {
            _ if runs.contains(&id) => Some(id),
            Event::Object(object) => {
                let has = |(_, version): &&(RunId, ObjectVersion)| has_version(version, object);
                taken.iter().find(has).map(|(run, _)| run.clone())
            }
            Event::Tick(_) => None,
        });
        Ok(known.collect())
    }

    /// Versions that runs have of the objects, as far as the objects' rows tell.
    async fn taken(
        &self,
        trigger: &str,
        objects: &[&ObjectEvent],
    ) -> Result<Vec<(RunId, ObjectVersion)>, OpsError> {
        let trouble = |error| self.ledger_error(error);
        let rows = objects.iter().flat_map(|object| {
            let alone = ObjectOrder::of(Order::All, object).object;
            [digest(&[&object.bucket, &object.key]), alone]
        });
        let rows: Vec<String> = rows.collect::<BTreeSet<_>>().into_iter().collect();
        let newest = self.ledger.newest_of(trigger, &rows).await.map_err(trouble)?;
        let ids: BTreeSet<RunId> = newest.into_values().collect();
        let ids: Vec<RunId> = ids.into_iter().collect();
        let mut taken = Vec::new();
        for run in self.ledger.runs_named(&ids).await.map_err(trouble)? {
            match &run.input {
                Input::Object(object) => taken.push((run.id.clone(), object.clone())),
                Input::Objects(several) => {
                    let list = self.ledger.list(&several.list).await.map_err(trouble)?;
                    taken.extend(list.into_iter().map(|listed| (run.id.clone(), listed.input)));
                }
                Input::Tick(_) => {}
            }
        }
        Ok(taken)
    }
}
