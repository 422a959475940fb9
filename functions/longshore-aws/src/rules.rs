//! Rules, by the ARN that a trigger's events name.

use aws_sdk_eventbridge::Client;

use crate::{Clients, failure::said};

/// The rules of an account.
#[derive(Clone, Debug)]
pub struct Rules {
    eventbridge: Client,
}

/// What a rule matches cannot be told.
#[derive(Clone, Debug, thiserror::Error)]
#[error("rule `{arn}`: {said}")]
pub struct RuleTrouble {
    arn: String,
    said: String,
}

impl Rules {
    /// With the credentials and the endpoint of `clients`.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self { eventbridge: Client::new(clients.sdk()) }
    }

    /// The event pattern of the rule with this ARN.
    pub async fn pattern(&self, arn: &str) -> Result<String, RuleTrouble> {
        let trouble = |said: &str| RuleTrouble { arn: arn.to_owned(), said: said.to_owned() };
        let (bus, name) = named(arn).ok_or_else(|| trouble("is not the ARN of a rule"))?;
        let call = self.eventbridge.describe_rule().name(name);
        let call = call.set_event_bus_name(bus.map(str::to_owned));
        let answer = call.send().await.map_err(|error| trouble(&said(&error)))?;
        answer.event_pattern.ok_or_else(|| trouble("has no event pattern"))
    }
}

/// Event bus, if it is not the default one, and name in `…:rule/NAME` or `…:rule/BUS/NAME`.
fn named(arn: &str) -> Option<(Option<&str>, &str)> {
    let (_, path) = arn.split_once(":rule/")?;
    Some(path.rsplit_once('/').map_or((None, path), |(bus, name)| (Some(bus), name)))
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_rule_is_named_by_its_arn() {
        for (arn, expected) in [
            ("arn:aws:events:r:1:rule/uploads", Some((None, "uploads"))),
            ("arn:aws:events:r:1:rule/orders/uploads", Some((Some("orders"), "uploads"))),
            (
                "arn:aws:events:r:1:rule/aws.partner/x/1/uploads",
                Some((Some("aws.partner/x/1"), "uploads")),
            ),
            ("arn:aws:scheduler:r:1:schedule/default/hourly", None),
        ] {
            assert_eq!(named(arn), expected, "{arn}");
        }
    }
}
