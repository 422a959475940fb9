//! What there is to see of a queue and its fleet.

use std::collections::BTreeMap;

use futures_util::future::join3;
use jiff::Timestamp;
use longshore::fleet::{
    Answer, Ask, Depth, Fate, FleetSettings, Scaled, Service, Sighting, Worker,
};
use tracing::warn;

use super::ScalePorts;
use crate::ports::{self, LedgerError, World};

/// What was seen.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) at: Timestamp,
    depth: Option<Depth>,
    workers: Vec<Worker>,
    fates: BTreeMap<String, Fate>,
    pub(super) service: Option<Service>,
    /// What SQS or ECS said instead of telling of the queue or its fleet.
    pub(super) trouble: Option<String>,
}

impl Look {
    /// The same, with what calls have answered.
    pub(super) fn sighting<'a>(
        &'a self,
        answers: &'a BTreeMap<String, Answer>,
        is_told: bool,
    ) -> Sighting<'a> {
        Sighting {
            at: self.at,
            depth: self.depth,
            workers: &self.workers,
            answers,
            fates: &self.fates,
            service: self.service.as_ref(),
            is_told,
        }
    }
}

/// Looks at everything at once. What SQS and ECS do not say is not known; without the rows of the
/// workers nothing is.
pub(super) async fn look<L, R, D, F, W, T>(
    on: &ScalePorts<'_, L, R, D, F, W, T>,
    scaled: &Scaled,
) -> Result<Look, LedgerError>
where
    R: ports::Workers,
    D: ports::Depth,
    F: ports::Fleet,
    W: World,
    L: Sync,
    T: Sync,
{
    let depth = on.depth.depth(&scaled.settings.queue);
    let workers = on.rows.workers(&scaled.queue);
    let ecs = ecs(on, scaled, on.world.now());
    let (depth, workers, ecs) = join3(depth, workers, ecs).await;
    // Only now: what was read is not younger than the look.
    let at = on.world.now();
    let mut trouble = None;
    let depth = depth.map_err(|error| {
        warn!(queue = scaled.queue, trouble = %error, "Could not read the depth, so nothing leaves");
        trouble = Some(error.to_string());
    });
    let ecs = ecs.map_err(|error| {
        warn!(queue = scaled.queue, trouble = %error, "Could not ask about the fleet");
        trouble.get_or_insert(error.to_string());
    });
    let (fates, service) = ecs.unwrap_or_default();
    let depth = depth.ok();
    Ok(Look { at, depth, workers: workers?, fates, service, trouble })
}

async fn ecs<L, R, D, F: ports::Fleet, W, T>(
    on: &ScalePorts<'_, L, R, D, F, W, T>,
    scaled: &Scaled,
    at: Timestamp,
) -> Result<(BTreeMap<String, Fate>, Option<Service>), ports::EcsError> {
    match &scaled.settings.fleet {
        FleetSettings::Tasks { task } => {
            let late = Ask::late(&scaled.asks, at);
            if late.is_empty() {
                return Ok((BTreeMap::new(), None));
            }
            Ok((on.fleet.fates(&task.cluster, &late).await?, None))
        }
        FleetSettings::Service { cluster, service } => {
            Ok((BTreeMap::new(), Some(on.fleet.service(cluster, service).await?)))
        }
    }
}
