//! Does what a queue's row says. What fails is done at the next tick, which finds it undone.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use longshore::{
    fleet::{Answer, Change, FleetLaunch, FleetSettings, Service},
    run::RefusalKind,
};
use tracing::{info, warn};

use super::{ScalePorts, hold::Hold};
use crate::ports::{self, LaunchTrouble, Pause, World};

/// Workers that are told to leave at the same time: each is a small write to one partition.
const DRAINS_AT_ONCE: usize = 25;
/// Longest look for a permit before looking again.
const PERMIT_WAIT_MS: u64 = 1_000;

/// Does what the row says, until `until`.
pub(super) async fn act<L, R, D, F, W, T>(
    on: &ScalePorts<'_, L, R, D, F, W, T>,
    hold: &mut Hold,
    service: Option<&Service>,
    until: Timestamp,
) where
    L: ports::Ledger,
    R: ports::Scaling + ports::Workers,
    D: Sync,
    F: ports::Fleet,
    W: World + Pause,
    T: Fn(&str, &Change) + Sync,
{
    let Hold { scaled, answers, is_told, trouble: said } = hold;
    let queue = scaled.queue.as_str();
    let acts = scaled.acts(service);
    if let Some(change) = acts.change {
        *is_told = tell(on, queue, change).await;
    }
    if let (Some(desired), FleetSettings::Service { cluster, service }) =
        (acts.desired, &scaled.settings.fleet)
    {
        match on.fleet.set_desired(cluster, service, desired).await {
            Ok(()) => info!(queue, desired, "Set the desired count"),
            Err(trouble) => {
                warn!(queue, desired, %trouble, "Could not set the desired count");
                *said = Some(trouble.to_string());
            }
        }
    }
    drain(on, queue, acts.drains).await;
    for launch in &acts.launches {
        if !permitted(on, launch, until).await {
            break;
        }
        let answered = on.fleet.launch(launch).await;
        if let Err(LaunchTrouble::Refused(refusal)) = &answered {
            *said = Some(format!("ECS: {}", refusal.reason));
        }
        let answer = answer(queue, launch, answered);
        answers.insert(launch.token.to_owned(), answer);
    }
}

/// Says a change in words and writes it down; whether it is written.
async fn tell<L, R: ports::Scaling, D, F, W, T: Fn(&str, &Change)>(
    on: &ScalePorts<'_, L, R, D, F, W, T>,
    queue: &str,
    change: &Change,
) -> bool {
    let written = on.rows.tell(queue, change).await;
    match &written {
        Ok(()) => (on.tell)(queue, change),
        Err(trouble) => warn!(queue, %trouble, "Could not write down a change"),
    }
    written.is_ok()
}

async fn drain<L, R: ports::Workers, D, F, W: World, T>(
    on: &ScalePorts<'_, L, R, D, F, W, T>,
    queue: &str,
    victims: &[String],
) {
    let now = on.world.now();
    for victims in victims.chunks(DRAINS_AT_ONCE) {
        let told = victims.iter().map(|task| on.rows.drain(queue, task, now));
        for trouble in join_all(told).await.into_iter().filter_map(Result::err) {
            warn!(queue, %trouble, "Could not tell a worker to leave");
        }
    }
}

/// Waits for as many permits as the launch has tasks; whether it got them in time.
async fn permitted<L: ports::Ledger, R, D, F, W: World + Pause, T>(
    on: &ScalePorts<'_, L, R, D, F, W, T>,
    launch: &FleetLaunch<'_>,
    until: Timestamp,
) -> bool {
    let mut left = launch.count;
    while left > 0 {
        match on.permits.take(on.ledger, on.world, launch.task).await {
            Ok(true) => left -= 1,
            Ok(false) if on.world.now() < until => {
                on.world.sleep(next_second(on.world.now())).await;
            }
            Ok(false) => return false,
            Err(trouble) => {
                warn!(%trouble, "Could not take a launch permit");
                return false;
            }
        }
    }
    true
}

fn next_second(now: Timestamp) -> Duration {
    let over = u64::try_from(now.as_millisecond().rem_euclid(1_000)).unwrap_or_default();
    Duration::from_millis(PERMIT_WAIT_MS - over.min(PERMIT_WAIT_MS - 1))
}

fn answer(
    queue: &str,
    launch: &FleetLaunch<'_>,
    answered: Result<Vec<String>, LaunchTrouble>,
) -> Answer {
    match answered {
        Ok(tasks) => Answer::Started(tasks),
        Err(LaunchTrouble::AlreadyLaunched(task)) => Answer::Started(vec![task]),
        Err(LaunchTrouble::Refused(refusal)) => {
            warn!(queue, launch.count, reason = refusal.reason, "ECS refused a launch");
            Answer::Refused { is_capacity: refusal.kind == RefusalKind::Capacity }
        }
        Err(LaunchTrouble::Unknown(reason)) => {
            warn!(queue, launch.count, reason, "It is not known whether ECS started tasks");
            Answer::Unknown
        }
    }
}
