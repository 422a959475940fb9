//! What happens outside: versions of objects, their events, and what should not be in the inbox.

use std::collections::BTreeSet;

use longshore::{
    run::LaunchId,
    trigger::{Allowed, Envelope, plan},
};
use serde_json::{Value, json};

use super::{
    chance::Stream,
    queues::{Messages, Source},
    world::{HOUR, MINUTE, World},
};

pub(super) const CLUSTER: &str = "arn:aws:ecs:eu-west-1:111122223333:cluster/sim";
const BUCKET: &str = "uploads";
/// Most versions of objects in one history.
const VERSIONS_MAX: u64 = 5;
/// Objects they are versions of.
const KEYS: u64 = 3;
/// Most deliveries of one event.
const COPIES_MAX: u64 = 4;
/// When the first delivery of the last event comes, at the latest.
const FIRST_MS_MAX: u64 = 20 * MINUTE;
/// When another copy comes, at the latest.
const COPY_MS_MAX: u64 = 2 * HOUR;

/// What happened outside.
#[derive(Debug)]
pub(super) struct Scenario {
    /// Key and sequencer of every object version.
    pub(super) versions: BTreeSet<(String, String)>,
    /// Whether only the newest version of an object counts.
    pub(super) latest_only: bool,
    /// Messages that can never become a run.
    pub(super) poison: usize,
}

/// What the functions were deployed with.
pub(super) fn allowed() -> Allowed {
    Allowed { buckets: vec![BUCKET.into()], clusters: vec![CLUSTER.into()], subnets: Vec::new() }
}

/// Sends the events of one history.
pub(super) fn begin(world: &World, messages: &mut Messages<'_>) -> Scenario {
    let latest_only = world.one_in(Stream::Scenario, 2);
    let is_versioned = world.one_in(Stream::Scenario, 2);
    let mut scenario = Scenario { versions: BTreeSet::new(), latest_only, poison: 0 };
    for n in 0..=world.below(Stream::Scenario, VERSIONS_MAX) {
        let key = format!("k{}", world.below(Stream::Scenario, KEYS));
        let sequencer = format!("{n:016X}");
        let event = event(&key, &sequencer, is_versioned);
        let first_ms = world.below(Stream::Scenario, FIRST_MS_MAX);
        messages.send(Source::Inbox, envelope(&event, latest_only, 1), first_ms);
        if world.one_in(Stream::Scenario, 2) {
            for _ in 0..world.below(Stream::Scenario, COPIES_MAX) {
                // A deployment may come in between: a copy may have newer settings.
                let revision = 1 + world.below(Stream::Scenario, 2);
                let at_ms = world.below(Stream::Scenario, COPY_MS_MAX);
                messages.send(Source::Inbox, envelope(&event, latest_only, revision), at_ms);
            }
        }
        if world.one_in(Stream::Scenario, 4) {
            forge(world, messages, &envelope(&event, latest_only, 1), first_ms);
        }
        scenario.versions.insert((key, sequencer));
    }
    if world.one_in(Stream::Scenario, 4) {
        messages.send(Source::Inbox, "{\"Event\": \"s3:TestEvent\"}".into(), 0);
        scenario.poison += 1;
    }
    scenario
}

/// Somebody's own task claims a run and stops well.
fn forge(world: &World, messages: &mut Messages<'_>, envelope: &str, after_ms: u64) {
    let Ok(envelope) = Envelope::parse(envelope) else { return };
    let run = plan(&envelope.trigger, &envelope.event).run;
    let started_by = LaunchId { run, attempt: 1, launch: 1 }.to_string();
    let event = json!({"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": {
        "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/sim/forged",
        "clusterArn": CLUSTER,
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/other:9",
        "startedBy": started_by,
        "version": 5,
        "lastStatus": "STOPPED",
        "containers": [{"name": "app", "exitCode": 0}],
        "stopCode": "EssentialContainerExited",
    }});
    let at_ms = after_ms + world.below(Stream::Scenario, MINUTE);
    messages.send(Source::Outcomes, event.to_string(), at_ms);
}

fn event(key: &str, sequencer: &str, is_versioned: bool) -> Value {
    let mut object = json!({"key": key, "size": 1, "etag": sequencer, "sequencer": sequencer});
    if is_versioned {
        object["version-id"] = json!(format!("v{sequencer}"));
    }
    json!({
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2026-01-01T00:00:00Z",
        "detail": {"bucket": {"name": BUCKET}, "object": object},
    })
}

fn envelope(event: &Value, latest_only: bool, revision: u64) -> String {
    let definition = format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/work:{revision}");
    json!({
        "source": "arn:aws:events:eu-west-1:111122223333:rule/uploads",
        "trigger": {
            "name": "uploads",
            "order": if latest_only { "latest" } else { "all" },
            "task": {"definition": definition, "cluster": CLUSTER, "container": "app"},
        },
        "event": event,
    })
    .to_string()
}
