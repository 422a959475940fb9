//! How a deployment goes: how many tasks it leaves running, how many it may have, when it gives up.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Fault;

use super::super::refusal::{invalid, parse, unsupported};

/// Bounds of the failures after which a deployment is given up ("How the Amazon ECS deployment
/// circuit breaker detects failures", Developer Guide).
const FAILURES_RANGE: (u64, u64) = (3, 200);

/// Members that change how a deployment goes and are not served.
const NOT_SERVED: [&str; 4] =
    ["lifecycleHooks", "linearConfiguration", "canaryConfiguration", "earlySuccessCriteria"];

/// `deploymentConfiguration`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::ecs) struct Rolling {
    pub(super) minimum_healthy_percent: u32,
    pub(super) maximum_percent: u32,
    pub(super) deployment_circuit_breaker: Breaker,
}

/// `deploymentCircuitBreaker`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::ecs) struct Breaker {
    #[serde(default)]
    pub(super) enable: bool,
    #[serde(default)]
    pub(super) rollback: bool,
    #[serde(default = "yes")]
    pub(super) reset_on_healthy_task: bool,
    #[serde(default)]
    threshold_configuration: Threshold,
}

/// `thresholdConfiguration`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Threshold {
    #[serde(default)]
    r#type: ThresholdType,
    #[serde(default = "half")]
    value: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ThresholdType {
    #[default]
    BoundedPercent,
    UnboundedPercent,
    Count,
}

fn yes() -> bool {
    true
}

fn half() -> u32 {
    50
}

impl Default for Threshold {
    fn default() -> Self {
        Self { r#type: ThresholdType::default(), value: half() }
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            enable: false,
            rollback: false,
            reset_on_healthy_task: true,
            threshold_configuration: Threshold::default(),
        }
    }
}

impl Default for Rolling {
    fn default() -> Self {
        Self {
            minimum_healthy_percent: 100,
            maximum_percent: 200,
            deployment_circuit_breaker: Breaker::default(),
        }
    }
}

/// The members that a request gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    minimum_healthy_percent: Option<u32>,
    maximum_percent: Option<u32>,
    deployment_circuit_breaker: Option<Breaker>,
    strategy: Option<String>,
}

impl Rolling {
    /// The same with what a request gives.
    pub(super) fn with(mut self, given: Option<&Value>) -> Result<Self, Fault> {
        let Some(given) = given else { return Ok(self) };
        if let Some(name) = NOT_SERVED.into_iter().find(|name| is_set(&given[*name])) {
            return Err(unsupported(&format!("deploymentConfiguration.{name}")));
        }
        if given["alarms"]["enable"] == true {
            return Err(unsupported("alarms of a deployment"));
        }
        let given: Given = parse(given.clone())?;
        if given.strategy.is_some_and(|strategy| strategy != "ROLLING") {
            return Err(unsupported("a deployment strategy other than ROLLING"));
        }
        self.minimum_healthy_percent =
            given.minimum_healthy_percent.unwrap_or(self.minimum_healthy_percent);
        self.maximum_percent = given.maximum_percent.unwrap_or(self.maximum_percent);
        self.deployment_circuit_breaker =
            given.deployment_circuit_breaker.unwrap_or(self.deployment_circuit_breaker);
        self.checked()
    }

    fn checked(self) -> Result<Self, Fault> {
        if self.minimum_healthy_percent > 100 {
            return Err(invalid("minimumHealthyPercent must be from 0 to 100."));
        }
        if self.maximum_percent < 100 {
            return Err(invalid("maximumPercent must be 100 or more."));
        }
        if self.minimum_healthy_percent == 100 && self.maximum_percent == 100 {
            return Err(invalid(
                "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block \
                 deployments.",
            ));
        }
        Ok(self)
    }

    /// Healthy tasks that a deployment leaves running: rounded up ("DeploymentConfiguration", API
    /// Reference).
    pub(super) fn healthy_min(self, desired: u32) -> usize {
        let share = u64::from(desired) * u64::from(self.minimum_healthy_percent);
        usize::try_from(share.div_ceil(100)).unwrap_or(usize::MAX)
    }

    /// Tasks that there may be during a deployment: rounded down (the same).
    pub(super) fn alive_max(self, desired: u32) -> usize {
        let share = u64::from(desired) * u64::from(self.maximum_percent);
        usize::try_from(share / 100).unwrap_or(usize::MAX)
    }
}

impl Breaker {
    /// Failed tasks after which a deployment is given up, if it is at all.
    pub(super) fn failures_max(self, desired: u32) -> Option<u64> {
        let Threshold { r#type, value } = self.threshold_configuration;
        let share = (u64::from(desired) * u64::from(value)).div_ceil(100);
        let (least, most) = FAILURES_RANGE;
        self.enable.then_some(match r#type {
            ThresholdType::BoundedPercent => share.clamp(least, most),
            ThresholdType::UnboundedPercent => share.max(1),
            ThresholdType::Count => u64::from(value).max(1),
        })
    }
}

/// Whether a member says anything.
pub(super) fn is_set(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && *value != json!([]) && *value != json!({})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rolling(minimum: u32, maximum: u32) -> Result<Rolling, Fault> {
        let given = json!({"minimumHealthyPercent": minimum, "maximumPercent": maximum});
        Rolling::default().with(Some(&given))
    }

    #[test]
    fn the_least_is_rounded_up_and_the_most_down() {
        for (minimum, maximum, desired, expected) in [
            (100, 200, 3, (3, 6)),
            (50, 150, 3, (2, 4)),
            (0, 100, 3, (0, 3)),
            (50, 150, 1, (1, 1)),
            (100, 200, 0, (0, 0)),
        ] {
            let rolling = rolling(minimum, maximum).unwrap();
            assert_eq!((rolling.healthy_min(desired), rolling.alive_max(desired)), expected);
        }
    }

    #[test]
    fn configurations_that_block_every_deployment_are_refused() {
        for (minimum, maximum) in [(100, 100), (101, 200), (0, 99)] {
            assert_eq!(rolling(minimum, maximum).unwrap_err().code, "InvalidParameterException");
        }
    }

    #[test]
    fn a_breaker_counts_as_documented() {
        let threshold = |given: Value, desired| {
            let breaker = json!({"deploymentCircuitBreaker": given});
            let rolling = Rolling::default().with(Some(&breaker)).unwrap();
            rolling.deployment_circuit_breaker.failures_max(desired)
        };
        let on = json!({"enable": true, "rollback": false});
        for (desired, failures) in [(0, 3), (1, 3), (6, 3), (7, 4), (25, 13), (1_000, 200)] {
            assert_eq!(threshold(on.clone(), desired), Some(failures), "{desired}");
        }
        let of = |kind: &str, value: u32| {
            json!({"enable": true, "rollback": false,
                "thresholdConfiguration": {"type": kind, "value": value}})
        };
        assert_eq!(threshold(of("COUNT", 1), 1_000), Some(1));
        assert_eq!(threshold(of("UNBOUNDED_PERCENT", 10), 5), Some(1));
        assert_eq!(threshold(of("BOUNDED_PERCENT", 100), 10), Some(10));
        assert_eq!(threshold(json!({"enable": false, "rollback": false}), 10), None);
    }
}
