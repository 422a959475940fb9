//! Ticks, and the schedule of a stack that sends them.

use serde_json::{Value, json};

use super::{Template, envelope};

/// The schedule `nightly`, as far as ticks name it.
const NIGHTLY: &str = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly";

/// An envelope of the tick at `time`, as the schedule would send it whose trigger is `nightly`.
pub(crate) fn tick(time: &str, schedule: &Value) -> Value {
    let mut tick = envelope(&Value::Null);
    tick["source"] = json!(NIGHTLY);
    tick["trigger"]["name"] = json!("nightly");
    tick["trigger"]["schedule"] = schedule.clone();
    tick["event"] = json!({"detail-type": "Scheduled Event", "time": time, "resources": [NIGHTLY]});
    tick
}

impl Template {
    /// The same with the schedule `Hourly`, whose trigger has these settings of it.
    pub(crate) fn hourly(self, schedule: &Value) -> Self {
        let expression = schedule["expression"].as_str().unwrap();
        let resource = HOURLY.replace("EXPRESSION", expression);
        self.and(&resource.replace("SCHEDULE", &schedule.to_string()))
    }
}

/// A schedule as a stack would have it, with the trigger in its input.
const HOURLY: &str = r#"
  Hourly:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: hourly
      ScheduleExpression: EXPRESSION
      FlexibleTimeWindow: {Mode: 'OFF'}
      Target:
        Arn: !GetAtt Inbox.Arn
        RoleArn: !GetAtt SweepRole.Arn
        SqsParameters: {MessageGroupId: hourly}
        Input: !Sub |-
          {"source": "<aws.scheduler.schedule-arn>",
           "trigger": {
             "name": "hourly",
             "task": {
               "definition": "${WorkerTask}", "cluster": "${Cluster.Arn}", "container": "worker",
               "capacity": [{"provider": "FARGATE", "weight": 1}],
               "network": {"subnets": ["subnet-local"], "securityGroups": ["sg-local"]}},
             "schedule": SCHEDULE},
           "event": {
             "detail-type": "Scheduled Event", "time": "<aws.scheduler.scheduled-time>",
             "resources": ["<aws.scheduler.schedule-arn>"]}}
"#;
