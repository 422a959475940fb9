//! An `InputTransformer`: what a rule's target gets instead of the whole event.
//!
//! Values are put in as they are: what EventBridge does not escape is not escaped here either, so
//! that a template which breaks on a quote in an object's key breaks on this machine first
//! ("Amazon EventBridge input transformation").
//!
//! ```text
//! InputPathsMap ─▶ path ┐
//! InputTemplate ─▶ template (pieces) ─▶ apply(event, origin) ─▶ text
//! ```

mod error;
mod path;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

pub use error::TransformerError;
use path::JsonPath;
pub use path::PATH_CHARS_MAX;
use template::Piece;

/// Most characters of a template (`InputTransformer`, `InputTemplate`).
pub const TEMPLATE_CHARS_MAX: usize = 8_192;

/// Most variables (`InputTransformer`, `InputPathsMap`).
pub const PATHS_MAX: usize = 100;

/// Most characters of a variable's name (`InputTransformer`, `InputPathsMap` keys).
const NAME_CHARS_MAX: usize = 256;

/// A valid input transformer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transformer {
    parts: Vec<Part>,
}

/// Where the event came by, for the variables `aws.events.…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// ARN of the rule.
    pub rule_arn: &'a str,
    /// Name of the rule.
    pub rule_name: &'a str,
    /// When EventBridge got the event, in RFC 3339.
    pub ingestion_time: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable { variable: Variable, quoted: bool },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Variable {
    RuleArn,
    RuleName,
    IngestionTime,
    /// The event without its `detail`.
    Event,
    /// The whole event.
    EventJson,
    At(JsonPath),
}

impl Transformer {
    /// Reads the variables and the template that uses them.
    pub fn parse(
        paths: &BTreeMap<String, String>,
        template: &str,
    ) -> Result<Self, TransformerError> {
        let chars = template.chars().count();
        if chars == 0 || chars > TEMPLATE_CHARS_MAX {
            return Err(TransformerError::TemplateLength { chars });
        }
        if paths.len() > PATHS_MAX {
            return Err(TransformerError::TooManyPaths { paths: paths.len() });
        }
        let defined: BTreeMap<_, _> = paths
            .iter()
            .map(|(name, path)| Ok((name.as_str(), variable(name, path)?)))
            .collect::<Result<_, TransformerError>>()?;
        let parts = template::pieces(template)?
            .into_iter()
            .map(|piece| part(piece, &defined))
            .collect::<Result<_, _>>()?;
        Ok(Self { parts })
    }

    /// The text for the target. A variable whose path is not in the event leaves nothing behind.
    #[must_use]
    pub fn apply(&self, event: &Value, origin: &Origin<'_>) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Variable { variable, quoted } => {
                    variable.put(event, origin, *quoted, &mut text);
                }
            }
        }
        text
    }
}

fn variable(name: &str, path: &str) -> Result<Variable, TransformerError> {
    let allowed = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
    let fits = (1..=NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(allowed);
    if !fits || name.starts_with("AWS") {
        return Err(TransformerError::Name { name: name.into() });
    }
    JsonPath::parse(path).map(Variable::At).map_err(|problem| TransformerError::Path {
        name: name.into(),
        path: path.into(),
        problem,
    })
}

fn part(piece: Piece<'_>, defined: &BTreeMap<&str, Variable>) -> Result<Part, TransformerError> {
    let (name, quoted) = match piece {
        Piece::Text(text) => return Ok(Part::Text(text)),
        Piece::Variable { name, quoted } => (name, quoted),
    };
    let variable = match name {
        "aws.events.rule-arn" => Variable::RuleArn,
        "aws.events.rule-name" => Variable::RuleName,
        "aws.events.event.ingestion-time" => Variable::IngestionTime,
        "aws.events.event" => Variable::Event,
        "aws.events.event.json" => Variable::EventJson,
        name => defined
            .get(name)
            .cloned()
            .ok_or_else(|| TransformerError::UnknownVariable { name: name.into() })?,
    };
    Ok(Part::Variable { variable, quoted })
}

impl Variable {
    fn put(&self, event: &Value, origin: &Origin<'_>, quoted: bool, text: &mut String) {
        match self {
            Self::RuleArn => put_text(origin.rule_arn, quoted, text),
            Self::RuleName => put_text(origin.rule_name, quoted, text),
            Self::IngestionTime => put_text(origin.ingestion_time, quoted, text),
            Self::EventJson => text.push_str(&event.to_string()),
            Self::Event => {
                let mut envelope = event.clone();
                if let Value::Object(fields) = &mut envelope {
                    fields.remove("detail");
                }
                text.push_str(&envelope.to_string());
            }
            Self::At(path) => match path.find(event) {
                None => {}
                Some(Value::String(value)) => put_text(value, quoted, text),
                Some(value) => text.push_str(&value.to_string()),
            },
        }
    }
}

fn put_text(value: &str, quoted: bool, text: &mut String) {
    let quote = if quoted { "" } else { "\"" };
    text.push_str(quote);
    text.push_str(value);
    text.push_str(quote);
}
