//! The objects of a pattern: fields joined by and, `$or` multiplied out.

use serde_json::{Map, Value};

use super::{Fields, Node, PATTERN_ALTERNATIVES_MAX, PatternError, error::Place, operator};

/// The keyword that joins the objects of an array by or.
const OR: &str = "$or";

/// Names that make an array under `$or` a list of values instead of branches (`event-ruler`,
/// "$or" reserved words).
const RESERVED_IN_OR: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// One tree of fields for each combination of `$or` branches.
pub(super) fn pattern(pattern: &Value) -> Result<Vec<Fields>, PatternError> {
    let Value::Object(object) = pattern else {
        return Err(Place::TOP.refuse("an event pattern is a JSON object"));
    };
    fields(object, Place::TOP)
}

fn fields(object: &Map<String, Value>, at: Place<'_>) -> Result<Vec<Fields>, PatternError> {
    if object.is_empty() {
        return Err(at.refuse("an empty object matches nothing; name a field"));
    }
    let mut alternatives = vec![Fields::new()];
    for (name, value) in object {
        let here = at.field(name);
        let choices = match branches(name, value) {
            Some(branches) => or(&branches, here)?,
            None => field(name, value, here)?,
        };
        alternatives = product(&alternatives, &choices, here)?;
    }
    Ok(alternatives)
}

fn field(name: &str, value: &Value, at: Place<'_>) -> Result<Vec<Fields>, PatternError> {
    let nodes: Vec<Node> = match value {
        Value::Object(object) => fields(object, at)?.into_iter().map(Node::Fields).collect(),
        Value::Array(values) => vec![Node::Leaf(operator::leaf(values, at)?)],
        _ => return Err(at.refuse("a field takes an array of values, or an object of fields")),
    };
    Ok(nodes.into_iter().map(|node| Fields::from([(name.to_owned(), node)])).collect())
}

/// The branches of a `$or`; `None` when the name is a field's like any other.
fn branches<'a>(name: &str, value: &'a Value) -> Option<Vec<&'a Map<String, Value>>> {
    if name != OR {
        return None;
    }
    let branches: Vec<_> = value.as_array()?.iter().map(Value::as_object).collect::<Option<_>>()?;
    let reserved = |branch: &&Map<String, Value>| {
        branch.keys().any(|name| RESERVED_IN_OR.contains(&name.as_str()))
    };
    (branches.len() > 1 && !branches.iter().any(reserved)).then_some(branches)
}

fn or(branches: &[&Map<String, Value>], at: Place<'_>) -> Result<Vec<Fields>, PatternError> {
    let mut choices = Vec::new();
    for branch in branches {
        choices.extend(fields(branch, at)?);
        bounded(choices.len())?;
    }
    Ok(choices)
}

fn product(left: &[Fields], right: &[Fields], at: Place<'_>) -> Result<Vec<Fields>, PatternError> {
    bounded(left.len() * right.len())?;
    let mut all = Vec::with_capacity(left.len() * right.len());
    for left in left {
        for right in right {
            let mut both = left.clone();
            merge(&mut both, right, at)?;
            all.push(both);
        }
    }
    Ok(all)
}

fn bounded(alternatives: usize) -> Result<(), PatternError> {
    if alternatives > PATTERN_ALTERNATIVES_MAX {
        return Err(PatternError::TooManyAlternatives);
    }
    Ok(())
}

/// Adds the fields of a branch to those beside the `$or`, so that they bind the same array element.
fn merge(into: &mut Fields, from: &Fields, at: Place<'_>) -> Result<(), PatternError> {
    for (name, node) in from {
        match (into.get_mut(name), node) {
            (None, node) => {
                into.insert(name.clone(), node.clone());
            }
            (Some(Node::Fields(into)), Node::Fields(from)) => merge(into, from, at.field(name))?,
            _ => {
                let problem = format!("`{name}` is matched in `$or` and beside it; AWS takes one");
                return Err(at.refuse(problem));
            }
        }
    }
    Ok(())
}
