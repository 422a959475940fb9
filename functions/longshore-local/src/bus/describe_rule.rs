//! `DescribeRule`: a rule by its name, on the default event bus.

use std::sync::PoisonError;

use serde_json::{Value, json};

use super::Bus;
use crate::Fault;

impl Bus {
    pub(super) fn describe_rule(&self, input: &Value) -> Result<Value, Fault> {
        let Some(name) = input["Name"].as_str() else {
            return Err(Fault::client("ValidationException", "Name is missing"));
        };
        let bus = input["EventBusName"].as_str().unwrap_or("default");
        let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let rule = rules.get(name).filter(|_| bus == "default").ok_or_else(|| {
            let said = format!("Rule {name} does not exist on EventBus {bus}.");
            Fault::client("ResourceNotFoundException", said)
        })?;
        Ok(rule.described())
    }
}

impl super::Rule {
    fn described(&self) -> Value {
        json!({
            "Name": self.name(),
            "Arn": self.arn,
            "EventPattern": self.pattern_text,
            "State": if self.enabled { "ENABLED" } else { "DISABLED" },
            "EventBusName": "default",
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::bus::tests::{bus, rule};
    use serde_json::json;

    #[tokio::test]
    async fn a_rule_is_described_with_its_pattern() {
        let (bus, _targets) = bus();
        bus.put_rule(rule("uploads", json!({"source": ["aws.s3"]}), Vec::new())).unwrap();
        let described = bus.call("DescribeRule", json!({"Name": "uploads"})).await.unwrap();
        assert_eq!(described["EventPattern"], r#"{"source":["aws.s3"]}"#);
        assert_eq!(described["State"], "ENABLED");
        for (input, code) in [
            (json!({"Name": "others"}), "ResourceNotFoundException"),
            (json!({"Name": "uploads", "EventBusName": "o"}), "ResourceNotFoundException"),
            (json!({}), "ValidationException"),
        ] {
            assert_eq!(bus.call("DescribeRule", input).await.unwrap_err().code, code);
        }
    }
}
