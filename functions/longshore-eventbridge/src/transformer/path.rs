//! `$.detail.object.key`: where in an event a value is.

use serde_json::Value;

/// Most characters of a path (`InputTransformer`, `InputPathsMap` values).
pub const PATH_CHARS_MAX: usize = 256;

/// A valid path in dot notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonPath(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Field(String),
    Index(usize),
}

impl JsonPath {
    /// Reads `$`, `$.a.b` and `$.a[0]`; other `JSONPath` is refused.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.chars().count() > PATH_CHARS_MAX {
            return Err("a path has at most 256 characters");
        }
        let rest = text.strip_prefix('$').ok_or("a path begins with `$`")?;
        let mut steps = Vec::new();
        let mut parts = rest.split('.');
        indices(parts.next().unwrap_or_default(), &mut steps)?;
        for part in parts {
            let (name, index) = part.split_at(part.find('[').unwrap_or(part.len()));
            if name.is_empty() || name.contains(['*', ']', '\'', '"']) {
                return Err("a path is names joined by dots, such as $.detail.object.key");
            }
            steps.push(Step::Field(name.into()));
            indices(index, &mut steps)?;
        }
        Ok(Self(steps))
    }

    /// The value in the event, if it is there.
    pub(super) fn find<'a>(&self, event: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(event, |value, step| match step {
            Step::Field(name) => value.get(name),
            Step::Index(index) => value.get(index),
        })
    }
}

fn indices(mut text: &str, steps: &mut Vec<Step>) -> Result<(), &'static str> {
    while !text.is_empty() {
        let inside = text.strip_prefix('[').and_then(|text| text.split_once(']'));
        let (index, rest) = inside.ok_or("a path continues with `.name` or `[0]`")?;
        let index = index.parse().map_err(|_| "only whole numbers stand in brackets of a path")?;
        steps.push(Step::Index(index));
        text = rest;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_its_value_or_to_nothing() {
        let event =
            json!({"detail-type": "t", "resources": ["r0", "r1"], "detail": {"a": {"b": null}}});
        for (path, value) in [
            ("$.detail-type", Some(json!("t"))),
            ("$.resources[1]", Some(json!("r1"))),
            ("$.resources[2]", None),
            ("$.detail.a", Some(json!({"b": null}))),
            ("$.detail.a.b", Some(json!(null))),
            ("$.detail.a.b.c", None),
            ("$.nothing", None),
            ("$", Some(event.clone())),
        ] {
            assert_eq!(JsonPath::parse(path).unwrap().find(&event), value.as_ref(), "{path}");
        }
    }

    #[test]
    fn other_json_path_is_refused() {
        let long = format!("$.{}", "a".repeat(PATH_CHARS_MAX));
        for path in
            ["", "detail", "$detail", "$.", "$..a", "$.a[*]", "$.*", "$['a']", "$.a[0", &long]
        {
            assert!(JsonPath::parse(path).is_err(), "{path}");
        }
    }
}
