//! A rule: which events it takes, and what its targets get of them.

use std::collections::BTreeSet;

use longshore_eventbridge::{Origin, Pattern, PatternError, Transformer, TransformerError};
use serde_json::Value;

use super::{deliver::Delivery, event::Event};
use crate::template::{RuleSpec, TargetSpec};

/// Most targets of a rule ("Amazon EventBridge quotas", not adjustable).
const TARGETS_MAX: usize = 5;

/// Why a rule is refused.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// Its event pattern is wrong.
    #[error("rule `{rule}`: {source}")]
    Pattern {
        /// Name of the rule.
        rule: String,
        /// What is wrong.
        #[source]
        source: PatternError,
    },
    /// The input transformer of a target is wrong.
    #[error("rule `{rule}`, target `{target}`: {source}")]
    Transformer {
        /// Name of the rule.
        rule: String,
        /// Id of the target.
        target: String,
        /// What is wrong.
        #[source]
        source: TransformerError,
    },
    /// Two targets have one id.
    #[error("rule `{rule}` has two targets with the id `{target}`")]
    SameId {
        /// Name of the rule.
        rule: String,
        /// The id.
        target: String,
    },
    /// It has too many targets.
    #[error("rule `{rule}` has {targets} targets, EventBridge takes at most {TARGETS_MAX}")]
    TooManyTargets {
        /// Name of the rule.
        rule: String,
        /// How many there are.
        targets: usize,
    },
}

/// A valid rule.
#[derive(Debug)]
pub(super) struct Rule {
    name: String,
    pub(super) arn: String,
    pub(super) enabled: bool,
    pattern: Pattern,
    /// The pattern as it was given.
    pub(super) pattern_text: String,
    targets: Vec<Target>,
}

#[derive(Debug)]
struct Target {
    arn: String,
    transformer: Option<Transformer>,
    message_group: Option<String>,
    dead_letter_arn: Option<String>,
}

/// One event on its way to one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dispatch {
    pub(super) rule_name: String,
    pub(super) rule_arn: String,
    pub(super) delivery: Delivery,
    /// The event itself, which the dead-letter queue gets.
    pub(super) event: String,
    pub(super) dead_letter_arn: Option<String>,
}

impl Rule {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A dispatch for each target if the rule takes the event, which `document` is as JSON.
    pub(super) fn dispatches(
        &self,
        event: &Event,
        document: &Value,
        ingested: &str,
    ) -> Vec<Dispatch> {
        if !self.enabled || !self.pattern.matches(document) {
            return Vec::new();
        }
        let origin =
            Origin { rule_arn: &self.arn, rule_name: &self.name, ingestion_time: ingested };
        let text = event.text();
        self.targets
            .iter()
            .map(|target| Dispatch {
                rule_name: self.name.clone(),
                rule_arn: self.arn.clone(),
                delivery: target.delivery(document, &text, &origin),
                event: text.clone(),
                dead_letter_arn: target.dead_letter_arn.clone(),
            })
            .collect()
    }
}

impl Target {
    fn delivery(&self, document: &Value, text: &str, origin: &Origin<'_>) -> Delivery {
        let body = match &self.transformer {
            Some(transformer) => transformer.apply(document, origin),
            None => text.to_owned(),
        };
        Delivery {
            arn: self.arn.clone(),
            body,
            message_group: self.message_group.clone(),
            attributes: Vec::new(),
            delay_secs: 0,
        }
    }
}

impl TryFrom<RuleSpec> for Rule {
    type Error = RuleError;

    fn try_from(spec: RuleSpec) -> Result<Self, RuleError> {
        let rule = spec.name;
        if spec.targets.len() > TARGETS_MAX {
            return Err(RuleError::TooManyTargets { rule, targets: spec.targets.len() });
        }
        let mut ids = BTreeSet::new();
        if let Some(twice) = spec.targets.iter().find(|target| !ids.insert(&target.id)) {
            return Err(RuleError::SameId { rule, target: twice.id.clone() });
        }
        let pattern = match Pattern::from_value(&spec.pattern) {
            Ok(pattern) => pattern,
            Err(source) => return Err(RuleError::Pattern { rule, source }),
        };
        let targets = spec
            .targets
            .into_iter()
            .map(|target| self::target(&rule, target))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            name: rule,
            arn: spec.arn,
            enabled: spec.enabled,
            pattern,
            pattern_text: spec.pattern.to_string(),
            targets,
        })
    }
}

fn target(rule: &str, spec: TargetSpec) -> Result<Target, RuleError> {
    let transformer = spec
        .input_template
        .map(|template| Transformer::parse(&spec.input_paths, &template))
        .transpose()
        .map_err(|source| RuleError::Transformer { rule: rule.into(), target: spec.id, source })?;
    Ok(Target {
        arn: spec.arn,
        transformer,
        message_group: spec.message_group,
        dead_letter_arn: spec.dead_letter_arn,
    })
}
