//! forming ─▶ claim each object ─▶ admitted with those that the run got

use longshore::run::{ObjectOrder, Run, RunId, Step, Wait};

use crate::{
    Trouble,
    advance::{Advanced, advance},
    launch::{Launched, waits},
    ports::{Claim, Claimed, Ecs, Ledger, LedgerError, Ports, World},
};

/// Holders of one object that may end one after the other while it is claimed.
const HOLDERS_MAX: usize = 4;

/// Claims the objects of a forming run, from the first or again; the run, once it is admitted.
pub(crate) async fn form<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
) -> Result<Result<Run, Launched>, Trouble> {
    let Some(objects) = run.input.objects().cloned() else { return Ok(Ok(run)) };
    if let Some(Wait::Older(by)) = &run.waits
        && is_at_work(on.ledger, by).await?
    {
        let wait = Wait::Older(by.clone());
        return waits(on, run, wait).await.map(Err);
    }
    let list = on.ledger.list(&objects.list).await?;
    if objects.left.of(&list).count() < objects.left.len() {
        let missing =
            format!("run {} claims objects of run {} that are not there", run.id, objects.list);
        return Err(LedgerError(missing).into());
    }
    let mut won = Vec::new();
    for place in objects.left.iter() {
        let Some(listed) = list.get(place) else { continue };
        match claim(on.ledger, &run, &listed.order).await? {
            Claimed::Ours => won.push(place),
            // And theirs it stays, or that of an even newer version.
            Claimed::Theirs(_) => {}
            Claimed::Held(by) => return waits(on, run, Wait::Older(by.run)).await.map(Err),
        }
    }
    let only = match won[..] {
        [place] => list.get(place).map(|listed| listed.input.clone()),
        _ => None,
    };
    let won = won.into_iter().filter_map(|place| u16::try_from(place).ok()).collect();
    let step = Step::Formed { attempt: run.attempt, won, only };
    Ok(match advance(on.ledger, on.world, run, &step).await? {
        Advanced::Done(change) if change.run.state.is_terminal() => Err(Launched::Ended(change)),
        Advanced::Done(change) => Ok(change.run),
        // Somebody else has formed it, and launches it too.
        Advanced::Refused(_, run) | Advanced::Barred(_, run) => Err(Launched::Idle(run)),
    })
}

/// Claims an object for a run, whoever held it and has ended.
pub(crate) async fn claim(
    ledger: &impl Ledger,
    run: &Run,
    order: &ObjectOrder,
) -> Result<Claimed, Trouble> {
    let (mut ended, mut parent) = (None, run.parent.clone());
    for _ in 0..HOLDERS_MAX {
        let claim = Claim {
            trigger: &run.trigger,
            order,
            run: &run.id,
            attempt: run.attempt,
            parent: parent.as_ref(),
            ended: ended.as_ref(),
        };
        let holder = match ledger.claim(&claim).await? {
            Claimed::Held(holder) => holder,
            // Of a run that the ledger has forgotten it is taken over: the event was replayed.
            Claimed::Theirs(by) if parent.as_ref() != Some(&by) => {
                if ledger.run(&by).await?.is_some() {
                    return Ok(Claimed::Theirs(by));
                }
                parent = Some(by);
                continue;
            }
            claimed => return Ok(claimed),
        };
        if is_at_work(ledger, &holder.run).await? {
            return Ok(Claimed::Held(holder));
        }
        ended = Some(holder);
    }
    Err(LedgerError(format!("the object of run {} changes hands too fast", run.id)).into())
}

async fn is_at_work(ledger: &impl Ledger, id: &RunId) -> Result<bool, Trouble> {
    Ok(ledger.run(id).await?.is_some_and(|run| !run.state.is_terminal()))
}
