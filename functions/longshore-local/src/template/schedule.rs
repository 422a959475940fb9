//! `AWS::Scheduler::Schedule`

use jiff::Timestamp;
use longshore_eventbridge::{Schedule, ScheduleError, Zone};
use serde_json::{Value, json};

use super::field::Field;
use super::kinds::Kind;
use super::names::{Named, physical};
use super::problem::Read;
use super::resources::{Resource, ScheduleSpec};
use super::rule::{enabled, message_group};

/// Longest flexible window: a day (FlexibleTimeWindow API reference).
const WINDOW_MINUTES_MAX: u32 = 1_440;
const DATE: &str = "write it like 2026-11-23T07:00:00Z";
/// The group of schedules that name none.
const DEFAULT_GROUP: &str = "default";

/// The type.
pub(super) const KIND: Kind = Kind {
    type_name: "AWS::Scheduler::Schedule",
    name_property: "Name",
    name_chars: 1..=64,
    generated: |named| Ok(named.generated()),
    served: &[
        "EndDate",
        "FlexibleTimeWindow",
        "GroupName",
        "Name",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "StartDate",
        "State",
        "Target",
    ],
    ignored: &["Description", "KmsKeyArn"],
    refused: &[],
    reference: physical,
    attributes: &[("Arn", arn)],
    read,
};

fn arn(named: &Named) -> Read<String> {
    let group = named.given("GroupName")?;
    let group = group.as_deref().unwrap_or(DEFAULT_GROUP);
    Ok(named.arn("scheduler", &format!("schedule/{group}/{}", named.name()?)))
}

fn read(named: &Named, properties: &Field) -> Read<Resource> {
    let window = properties.required("FlexibleTimeWindow")?;
    let mode = window.required("Mode")?.one_of(&["OFF", "FLEXIBLE"])?;
    let window_minutes = match mode.as_str() {
        "FLEXIBLE" => window.required("MaximumWindowInMinutes")?.integer(1, WINDOW_MINUTES_MAX)?,
        _ => 0,
    };
    let target = properties.required("Target")?;
    let target_arn = target.required("Arn")?.target_arn()?;
    target.only(&[
        "Arn",
        "DeadLetterConfig",
        "Input",
        "RetryPolicy",
        "RoleArn",
        "SqsParameters",
    ])?;
    target.required("RoleArn")?;
    let timezone = match properties.get("ScheduleExpressionTimezone") {
        Some(field) => zone(&field)?,
        None => Zone::default(),
    };
    let (start, end) = (date(properties, "StartDate")?, date(properties, "EndDate")?);
    Ok(Resource::Schedule(ScheduleSpec {
        name: named.name()?,
        arn: arn(named)?,
        expression: expression(&properties.required("ScheduleExpression")?, Schedule::parse)?,
        timezone: timezone.name().to_owned(),
        start,
        end,
        window_minutes,
        enabled: enabled(properties)?,
        input: input(named, &target, &target_arn)?,
        target_arn,
        message_group: message_group(&target)?,
    }))
}

/// A schedule expression, as `parse` reads it.
pub(super) fn expression(
    field: &Field,
    parse: impl Fn(&str) -> Result<Schedule, ScheduleError>,
) -> Read<String> {
    let text = field.text()?;
    match parse(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(field.tell(error.to_string(), "correct it")),
    }
}

fn zone(field: &Field) -> Read<Zone> {
    Zone::parse(&field.text()?).map_err(|error| field.tell(error.to_string(), "correct it"))
}

/// `StartDate` or `EndDate` (CreateSchedule API reference), in UTC.
fn date(properties: &Field, name: &str) -> Read<Option<Timestamp>> {
    let Some(field) = properties.get(name) else { return Ok(None) };
    let text = field.text()?;
    let wrong = |error| field.tell(format!("`{text}` is no instant: {error}"), DATE);
    text.parse().map(Some).map_err(wrong)
}

fn input(named: &Named, target: &Field, target_arn: &str) -> Read<String> {
    let Some(field) = target.get("Input") else { return default_input(named) };
    let text = field.text()?;
    let function = target_arn.contains(":lambda:");
    if function && let Err(error) = serde_json::from_str::<Value>(&text) {
        let what = format!("the input of a function must be JSON: {error}");
        return Err(field.tell(what, "put `\"<aws.scheduler.…>\"` in quotes, and check the rest"));
    }
    Ok(text)
}

/// What Scheduler sends when no input is given ("Managing targets", EventBridge Scheduler).
fn default_input(named: &Named) -> Read<String> {
    let event = json!({
        "version": "0",
        "id": "<aws.scheduler.execution-id>",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": named.scope.account.id,
        "time": "<aws.scheduler.scheduled-time>",
        "region": named.scope.account.region,
        "resources": [arn(named)?],
        "detail": "{}",
    });
    Ok(event.to_string())
}
