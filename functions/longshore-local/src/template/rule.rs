//! `AWS::Events::Rule`: an event pattern, or a schedule of the older kind.

use std::collections::BTreeMap;

use longshore_eventbridge::{Origin, Pattern, Schedule, Transformer};
use serde_json::{Value, json};

use super::field::Field;
use super::kinds::Kind;
use super::names::{Named, physical};
use super::problem::Read;
use super::queue::is_fifo;
use super::resources::{Resource, RuleSpec, ScheduleSpec, TargetSpec};
use super::schedule::expression;

/// Targets of a rule ("Amazon EventBridge quotas").
const TARGETS_MAX: usize = 5;
/// The time of a tick that is still to be sent.
const SCHEDULED_TIME: &str = "<aws.scheduler.scheduled-time>";

/// The type.
pub(super) const KIND: Kind = Kind {
    type_name: "AWS::Events::Rule",
    name_property: "Name",
    name_chars: 1..=64,
    generated: |named| Ok(named.generated()),
    served: &["EventBusName", "EventPattern", "Name", "ScheduleExpression", "State", "Targets"],
    ignored: &["Description", "RoleArn", "Tags"],
    refused: &[],
    reference: physical,
    attributes: &[("Arn", arn), ("RuleName", physical)],
    read,
};

fn arn(named: &Named) -> Read<String> {
    Ok(named.arn("events", &format!("rule/{}", named.name()?)))
}

fn read(named: &Named, properties: &Field) -> Read<Resource> {
    if let Some(bus) = properties.get("EventBusName") {
        let given = bus.text()?;
        if given != "default" && !given.ends_with(":event-bus/default") {
            let what = format!("there is no event bus `{given}` here");
            return Err(bus.tell(what, "write the rule for the bus `default`"));
        }
    }
    let enabled = enabled(properties)?;
    let targets = properties.items_of("Targets")?;
    if targets.len() > TARGETS_MAX {
        let what = format!("a rule has at most {TARGETS_MAX} targets, not {}", targets.len());
        return Err(properties.tell(what, "write a second rule with the same pattern"));
    }
    let targets = targets.iter().map(target).collect::<Read<Vec<_>>>()?;
    if let Some(field) = properties.get("ScheduleExpression") {
        return scheduled(named, properties, &field, enabled, &targets);
    }
    let pattern = pattern(&properties.required("EventPattern")?)?;
    let (name, arn) = (named.name()?, arn(named)?);
    Ok(Resource::Rule(RuleSpec { name, arn, pattern, enabled, targets }))
}

/// Whether `State` is not `DISABLED`.
pub(super) fn enabled(properties: &Field) -> Read<bool> {
    match properties.get("State") {
        Some(state) => Ok(state.one_of(&["ENABLED", "DISABLED"])? == "ENABLED"),
        None => Ok(true),
    }
}

/// The pattern, which CloudFormation also takes as JSON in a string.
fn pattern(field: &Field) -> Read<Value> {
    let pattern = match field.node.as_text() {
        Some(text) => serde_json::from_str(text).map_err(|error| {
            field.tell(format!("the pattern is not JSON: {error}"), "write it as a map")
        })?,
        None => field.node.json(),
    };
    match Pattern::from_value(&pattern) {
        Ok(_) => Ok(pattern),
        Err(error) => Err(field.tell(error.to_string(), "correct it")),
    }
}

fn target(target: &Field) -> Read<TargetSpec> {
    const KEYS: [&str; 9] = [
        "Arn",
        "DeadLetterConfig",
        "Id",
        "Input",
        "InputPath",
        "InputTransformer",
        "RetryPolicy",
        "RoleArn",
        "SqsParameters",
    ];
    let arn = target.required("Arn")?.target_arn()?;
    target.only(&KEYS)?;
    let (input_paths, input_template) = input(target)?;
    let dead_letter = target.get("DeadLetterConfig");
    Ok(TargetSpec {
        id: target.required("Id")?.text()?,
        arn,
        input_paths,
        input_template,
        message_group: message_group(target)?,
        dead_letter_arn: dead_letter.map(|field| dead_letter_arn(&field)).transpose()?,
    })
}

/// `SqsParameters.MessageGroupId`
pub(super) fn message_group(target: &Field) -> Read<Option<String>> {
    match target.get("SqsParameters") {
        Some(parameters) => {
            parameters.only(&["MessageGroupId"])?;
            parameters.text_of("MessageGroupId")
        }
        None => Ok(None),
    }
}

fn dead_letter_arn(field: &Field) -> Read<String> {
    field.only(&["Arn"])?;
    let arn = field.required("Arn")?;
    let queue = arn.queue_arn()?;
    if is_fifo(&queue) {
        return Err(arn.tell("a dead-letter queue of a rule is a standard queue", "name one"));
    }
    Ok(queue)
}

/// What the target gets, in the form of a transformer.
fn input(target: &Field) -> Read<(BTreeMap<String, String>, Option<String>)> {
    let given = ["Input", "InputPath", "InputTransformer"].map(|key| target.get(key));
    if given.iter().flatten().count() > 1 {
        let what = "Input, InputPath and InputTransformer exclude each other";
        return Err(target.tell(what, "keep one"));
    }
    let none = BTreeMap::new();
    match given {
        [Some(constant), _, _] => {
            let text = constant.text()?;
            if text.contains('<') {
                let what = "a constant `Input` with `<` in it is not served here";
                return Err(constant.tell(what, "write it as an `InputTransformer`"));
            }
            Ok((none, Some(template(&constant, &BTreeMap::new())?)))
        }
        [_, Some(path), _] => Ok(([("input".into(), path.text()?)].into(), Some("<input>".into()))),
        [_, _, Some(transformer)] => {
            transformer.only(&["InputPathsMap", "InputTemplate"])?;
            let paths = match transformer.get("InputPathsMap") {
                Some(map) => paths(&map)?,
                None => none,
            };
            let template = template(&transformer.required("InputTemplate")?, &paths)?;
            Ok((paths, Some(template)))
        }
        [None, None, None] => Ok((none, None)),
    }
}

fn paths(map: &Field) -> Read<BTreeMap<String, String>> {
    let entries = map.entries()?;
    entries.iter().map(|(name, path)| Ok(((*name).to_owned(), path.text()?))).collect()
}

fn template(field: &Field, paths: &BTreeMap<String, String>) -> Read<String> {
    let text = field.text()?;
    match Transformer::parse(paths, &text) {
        Ok(_) => Ok(text),
        Err(error) => Err(field.tell(error.to_string(), "correct it")),
    }
}

/// A rule with a schedule: the target gets the event that EventBridge makes at each tick.
fn scheduled(
    named: &Named,
    properties: &Field,
    field: &Field,
    enabled: bool,
    targets: &[TargetSpec],
) -> Read<Resource> {
    if let Some(pattern) = properties.get("EventPattern") {
        let what = "a rule with both a pattern and a schedule is not served here";
        return Err(pattern.tell(what, "write two rules"));
    }
    let [target] = targets else {
        let what = "a scheduled rule has one target here";
        return Err(field.tell(what, "write one `AWS::Scheduler::Schedule` for each target"));
    };
    let (arn, name) = (arn(named)?, named.name()?);
    let event = json!({
        "version": "0",
        "id": "<aws.scheduler.execution-id>",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": named.scope.account.id,
        "time": SCHEDULED_TIME,
        "region": named.scope.account.region,
        "resources": [arn],
        "detail": {},
    });
    // What differs from tick to tick stays a variable until it is sent.
    let input = match &target.input_template {
        None => event.to_string(),
        Some(template) => {
            let transformer = Transformer::parse(&target.input_paths, template)
                .map_err(|error| field.tell(error.to_string(), "correct it"))?;
            let origin =
                Origin { rule_arn: &arn, rule_name: &name, ingestion_time: SCHEDULED_TIME };
            transformer.apply(&event, &origin)
        }
    };
    Ok(Resource::Schedule(ScheduleSpec {
        name,
        arn,
        expression: expression(field, Schedule::parse_of_rule)?,
        timezone: "UTC".into(),
        start: None,
        end: None,
        window_minutes: 0,
        enabled,
        target_arn: target.arn.clone(),
        input,
        message_group: target.message_group.clone(),
    }))
}
