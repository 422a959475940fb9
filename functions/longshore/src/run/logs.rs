//! Where the output of a run's task is, so that whoever is told of a failure can read it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::state::Run;
use crate::printable::printable;

/// The driver that writes to CloudWatch Logs.
const AWSLOGS: &str = "awslogs";
/// How much of ECS's own words is repeated: a message is for a person.
const WHY_CHARS_MAX: usize = 300;

/// How a container logs, as its task definition says (`LogConfiguration`, ECS API reference).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSettings {
    /// Log driver, if the definition names one.
    pub driver: Option<String>,
    /// Option `awslogs-group`.
    pub group: Option<String>,
    /// Option `awslogs-region`.
    pub region: Option<String>,
    /// Option `awslogs-stream-prefix`.
    pub stream_prefix: Option<String>,
}

/// Where the output is, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogPointer {
    /// ARN of the cluster.
    pub cluster: String,
    /// Id of the task.
    pub task: String,
    /// Name of the container.
    pub container: String,
    /// Region of the log group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Log group of CloudWatch Logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Log stream of the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Why no more is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl LogPointer {
    /// What the run itself knows, once it has a task.
    #[must_use]
    pub fn of(run: &Run) -> Option<Self> {
        let (_, task) = run.task()?.rsplit_once('/')?;
        let target = run.target.as_ref()?;
        Some(Self {
            cluster: target.cluster.clone(),
            task: task.to_owned(),
            container: target.container.clone(),
            region: None,
            group: None,
            stream: None,
            why: None,
        })
    }

    /// The same with what the task definition says of the container, or why that is not known;
    /// `None` is a definition without the container.
    #[must_use]
    pub fn with(self, said: Result<Option<LogSettings>, String>) -> Self {
        let settings = match said {
            Ok(Some(settings)) => settings,
            Ok(None) => return self.without("the task definition has no such container"),
            Err(why) => return self.without(&format!("it could not be asked for: {why}")),
        };
        let region = settings.region.or_else(|| region_of(&self.cluster));
        match (settings.driver.as_deref(), settings.group, settings.stream_prefix) {
            (Some(AWSLOGS), Some(group), Some(prefix)) => {
                // ECS developer guide, `awslogs-stream-prefix`.
                let stream = format!("{prefix}/{}/{}", self.container, self.task);
                Self { region, group: Some(group), stream: Some(stream), ..self }
            }
            (Some(AWSLOGS), Some(group), None) => Self { region, group: Some(group), ..self }
                .without("without `awslogs-stream-prefix` the stream has Docker's container id"),
            (Some(AWSLOGS), None, _) => self.without("the container has no `awslogs-group`"),
            (Some(other), ..) => {
                self.without(&format!("the container logs with `{other}`, not `awslogs`"))
            }
            (None, ..) => self.without("the container has no `logConfiguration`"),
        }
    }

    fn without(self, why: &str) -> Self {
        Self { why: Some(printable(why, WHY_CHARS_MAX)), ..self }
    }
}

/// The Region of an ARN.
fn region_of(arn: &str) -> Option<String> {
    arn.split(':').nth(3).filter(|region| !region.is_empty()).map(str::to_owned)
}

/// The rest of a sentence that begins with `Its log is`.
impl fmt::Display for LogPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.stream, &self.group) {
            (Some(stream), Some(group)) => write!(f, "stream `{stream}` of log group `{group}`")?,
            (None, Some(group)) => write!(f, "in log group `{group}`")?,
            (_, None) => f.write_str("not known")?,
        }
        if let Some(region) = &self.region {
            write!(f, " in {region}")?;
        }
        match &self.why {
            Some(why) => {
                write!(f, " (container `{}` of task {}: {why})", self.container, self.task)
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(said: Result<Option<LogSettings>, String>, expected: &Expect) {
        let pointer = LogPointer {
            cluster: "arn:aws:ecs:eu-west-1:111122223333:cluster/longshore".into(),
            task: "0123abcd".into(),
            container: "app".into(),
            region: None,
            group: None,
            stream: None,
            why: None,
        };
        let pointer = pointer.with(said);
        let mut members = serde_json::to_value(&pointer).unwrap();
        let members = members.as_object_mut().unwrap();
        members.remove("cluster").unwrap();
        let members = serde_json::to_string(members).unwrap();
        expected.assert_eq(&format!("{members}\nIts log is {pointer}."));
    }

    fn awslogs() -> LogSettings {
        LogSettings {
            driver: Some("awslogs".into()),
            group: Some("/ecs/app".into()),
            region: None,
            stream_prefix: Some("work".into()),
        }
    }

    #[test]
    fn group_and_stream_are_those_of_awslogs() {
        check(
            Ok(Some(awslogs())),
            &expect![[r#"
                {"container":"app","group":"/ecs/app","region":"eu-west-1","stream":"work/app/0123abcd","task":"0123abcd"}
                Its log is stream `work/app/0123abcd` of log group `/ecs/app` in eu-west-1."#]],
        );
        let elsewhere = LogSettings { region: Some("us-east-1".into()), ..awslogs() };
        check(
            Ok(Some(elsewhere)),
            &expect![[r#"
            {"container":"app","group":"/ecs/app","region":"us-east-1","stream":"work/app/0123abcd","task":"0123abcd"}
            Its log is stream `work/app/0123abcd` of log group `/ecs/app` in us-east-1."#]],
        );
    }

    #[test]
    fn whoever_gets_no_stream_is_told_why() {
        let no_prefix = LogSettings { stream_prefix: None, ..awslogs() };
        check(
            Ok(Some(no_prefix)),
            &expect![[r#"
            {"container":"app","group":"/ecs/app","region":"eu-west-1","task":"0123abcd","why":"without `awslogs-stream-prefix` the stream has Docker's container id"}
            Its log is in log group `/ecs/app` in eu-west-1 (container `app` of task 0123abcd: without `awslogs-stream-prefix` the stream has Docker's container id)."#]],
        );
        let no_group = LogSettings { group: None, ..awslogs() };
        check(
            Ok(Some(no_group)),
            &expect![[r#"
            {"container":"app","task":"0123abcd","why":"the container has no `awslogs-group`"}
            Its log is not known (container `app` of task 0123abcd: the container has no `awslogs-group`)."#]],
        );
        let other = LogSettings { driver: Some("awsfirelens".into()), ..awslogs() };
        check(
            Ok(Some(other)),
            &expect![[r#"
            {"container":"app","task":"0123abcd","why":"the container logs with `awsfirelens`, not `awslogs`"}
            Its log is not known (container `app` of task 0123abcd: the container logs with `awsfirelens`, not `awslogs`)."#]],
        );
        check(
            Ok(Some(LogSettings::default())),
            &expect![[r#"
            {"container":"app","task":"0123abcd","why":"the container has no `logConfiguration`"}
            Its log is not known (container `app` of task 0123abcd: the container has no `logConfiguration`)."#]],
        );
        check(
            Ok(None),
            &expect![[r#"
            {"container":"app","task":"0123abcd","why":"the task definition has no such container"}
            Its log is not known (container `app` of task 0123abcd: the task definition has no such container)."#]],
        );
        let denied = "AccessDeniedException: not authorized\nto ask".to_owned();
        check(
            Err(denied),
            &expect![[r#"
            {"container":"app","task":"0123abcd","why":"it could not be asked for: AccessDeniedException: not authorized\\nto ask"}
            Its log is not known (container `app` of task 0123abcd: it could not be asked for: AccessDeniedException: not authorized\nto ask)."#]],
        );
    }
}
