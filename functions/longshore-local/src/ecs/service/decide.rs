//! How many tasks of a service start now, and which stop.

use jiff::{SignedDuration, Timestamp};

/// How long a task runs before it counts as healthy, having no health check ("Deployment
/// configuration", `minimumHealthyPercent`, API Reference).
pub(super) const HEALTHY_AFTER: SignedDuration = SignedDuration::from_secs(40);

/// What a service is to become, and under which terms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aim<'a> {
    pub(super) desired: usize,
    /// Healthy tasks that are left while others are replaced.
    pub(super) healthy_min: usize,
    /// Tasks that there may be while others are replaced.
    pub(super) alive_max: usize,
    /// Id of the PRIMARY deployment.
    pub(super) primary: &'a str,
    /// Whether tasks may start at present.
    pub(super) may_start: bool,
    /// Whether tasks of older deployments give way.
    pub(super) replaces: bool,
}

/// One task of the service that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) id: String,
    /// Id of its deployment.
    pub(super) deployment: String,
    /// Since when it runs.
    pub(super) running_since: Option<Timestamp>,
    /// Whether it was told to end.
    pub(super) is_stopping: bool,
    /// Whether a scale-in must leave it alone.
    pub(super) is_protected: bool,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) starts: usize,
    /// Ids of tasks.
    pub(super) stops: Vec<String>,
    /// What is in the way, if nothing can be done and nothing is under way.
    pub(super) blocked: Option<Blocked>,
}

/// Why a service does not get to where it shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// More tasks are protected than there shall be.
    Protection,
    /// The percentages leave no room to stop or to start a task.
    Percentages,
}

impl Seen {
    pub(super) fn is_running(&self) -> bool {
        self.running_since.is_some()
    }

    fn is_healthy(&self, now: Timestamp) -> bool {
        self.running_since.is_some_and(|since| now.duration_since(since) >= HEALTHY_AFTER)
    }
}

/// Decides one step towards the aim.
///
/// Which tasks a scale-in stops: AWS keeps the Availability Zones in balance, then prefers the
/// instance with the most tasks ("UpdateService", API Reference), and says nothing of tasks alike
/// in that. Here all are in one zone, so it is their ids that decide, which are random: nobody
/// shall rely on an order. A protected task is never stopped.
pub(super) fn decide(aim: &Aim<'_>, seen: &[Seen], now: Timestamp) -> Decision {
    let (mine, older): (Vec<&Seen>, Vec<&Seen>) =
        seen.iter().partition(|task| task.deployment == aim.primary);
    let mine = staying(&mine);
    let missing = aim.desired.saturating_sub(mine.len());
    let room = if older.is_empty() { missing } else { aim.alive_max.saturating_sub(seen.len()) };
    let starts = if aim.may_start { missing.min(room) } else { 0 };

    let surplus = mine.len().saturating_sub(aim.desired);
    let mut stops = free(&mine, surplus);
    let stays = |task: &&&Seen| !stops.contains(&task.id);
    let healthy = mine.iter().filter(stays).filter(|task| task.is_healthy(now)).count();
    let older = staying(&older);
    let mut replaced = Vec::new();
    if aim.replaces {
        // An older task counts from its first moment: a young one is no reason for an outage.
        let (running, waiting): (Vec<&Seen>, Vec<&Seen>) =
            older.iter().partition(|task| task.is_running());
        let spare = (healthy + running.len()).saturating_sub(aim.healthy_min);
        replaced.extend(free(&waiting, usize::MAX));
        replaced.extend(free(&running, spare));
    }
    let is_short_of_stops = surplus > stops.len() || (aim.replaces && older.len() > replaced.len());
    stops.extend(replaced);
    let is_idle = starts == 0 && stops.is_empty() && is_quiet(seen, aim.primary, now);
    let blocked = (is_idle && is_short_of_stops).then(|| {
        let is_held_up = aim.may_start && missing > 0;
        blocked(&mine, &older, surplus > 0, is_held_up)
    });
    Decision { starts, stops, blocked: blocked.flatten() }
}

fn staying<'a>(tasks: &[&'a Seen]) -> Vec<&'a Seen> {
    tasks.iter().copied().filter(|task| !task.is_stopping).collect()
}

/// Up to `most` of the tasks that may be stopped.
fn free(tasks: &[&Seen], most: usize) -> Vec<String> {
    let mut ids: Vec<&str> =
        tasks.iter().filter(|task| !task.is_protected).map(|task| task.id.as_str()).collect();
    ids.sort_unstable();
    ids.into_iter().take(most).map(str::to_owned).collect()
}

/// Whether no task is on its way to run, to be healthy, or to end.
fn is_quiet(seen: &[Seen], primary: &str, now: Timestamp) -> bool {
    seen.iter().all(|task| {
        let is_settled =
            if task.deployment == primary { task.is_healthy(now) } else { task.is_running() };
        is_settled && !task.is_stopping
    })
}

fn blocked(mine: &[&Seen], older: &[&Seen], is_surplus: bool, is_held_up: bool) -> Option<Blocked> {
    if is_surplus || older.iter().all(|task| task.is_protected) {
        let is_protected = mine.iter().chain(older).any(|task| task.is_protected);
        return is_protected.then_some(Blocked::Protection);
    }
    is_held_up.then_some(Blocked::Percentages)
}
