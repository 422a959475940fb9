//! `{"numeric": [">", 0, "<=", 5]}`: a range of numbers, compared as 64-bit floats.

use serde_json::{Number, Value};

/// An end of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
struct End {
    at: f64,
    included: bool,
}

/// From one end to the other; a missing end is open to infinity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    lower: Option<End>,
    upper: Option<End>,
}

impl Range {
    /// Reads one comparison, or a lower end followed by an upper one.
    pub(super) fn parse(terms: &[Value]) -> Result<Self, String> {
        let (first, second) = match terms {
            [operator, number] => (comparison(operator, number)?, None),
            [operator, number, operator_2, number_2] => {
                (comparison(operator, number)?, Some(comparison(operator_2, number_2)?))
            }
            _ => {
                return Err("`numeric` takes [operator, number] or a lower and an upper end".into());
            }
        };
        match (first, second) {
            (("=", at), None) => {
                let end = Some(End { at, included: true });
                Ok(Self { lower: end, upper: end })
            }
            ((operator @ (">" | ">="), at), None) => {
                Ok(Self { lower: Some(End { at, included: operator == ">=" }), upper: None })
            }
            ((operator @ ("<" | "<="), at), None) => {
                Ok(Self { lower: None, upper: Some(End { at, included: operator == "<=" }) })
            }
            ((lower @ (">" | ">="), from), Some((upper @ ("<" | "<="), to))) if from < to => {
                Ok(Self {
                    lower: Some(End { at: from, included: lower == ">=" }),
                    upper: Some(End { at: to, included: upper == "<=" }),
                })
            }
            (_, Some(_)) => {
                Err("a `numeric` range is [\">\" or \">=\", low, \"<\" or \"<=\", high] \
                                 with low below high"
                    .into())
            }
            ((operator, _), None) => Err(unknown(operator)),
        }
    }

    /// Whether the number lies in the range.
    pub(super) fn contains(&self, number: &Number) -> bool {
        let Some(number) = number.as_f64() else { return false };
        let above = |end: End| number > end.at || (end.included && number >= end.at);
        let below = |end: End| number < end.at || (end.included && number <= end.at);
        self.lower.is_none_or(above) && self.upper.is_none_or(below)
    }
}

fn comparison<'a>(operator: &'a Value, number: &Value) -> Result<(&'a str, f64), String> {
    let Value::String(operator) = operator else { return Err(unknown(&operator.to_string())) };
    let number = number
        .as_f64()
        .ok_or_else(|| format!("`numeric` takes a number after `{operator}`, not {number}"))?;
    Ok((operator, number))
}

fn unknown(operator: &str) -> String {
    format!("`numeric` takes =, <, <=, > or >=, not {operator}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(terms: &Value) -> Result<Range, String> {
        Range::parse(terms.as_array().unwrap())
    }

    #[test]
    fn an_end_is_in_the_range_if_its_operator_says_so() {
        for (terms, inside) in [
            (json!(["=", 5]), [false, true, false]),
            (json!(["<", 5]), [true, false, false]),
            (json!(["<=", 5.0]), [true, true, false]),
            (json!([">", 5]), [false, false, true]),
            (json!([">=", 5]), [false, true, true]),
            (json!([">", 4, "<", 6]), [false, true, false]),
            (json!([">=", 4, "<", 5]), [true, false, false]),
            (json!([">", 5, "<=", 6]), [false, false, true]),
        ] {
            let range = parse(&terms).unwrap();
            let got = [4, 5, 6].map(|number| range.contains(&Number::from(number)));
            assert_eq!(got, inside, "{terms}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for terms in [
            json!([]),
            json!([">"]),
            json!([5]),
            json!([5, ">"]),
            json!(["=", "5"]),
            json!(["==", 5]),
            json!(["=", 5, "<", 6]),
            json!(["<", 6, ">", 5]),
            json!([">", 5, ">", 6]),
            json!([">=", 5, "<=", 5]),
            json!([">", 5, "<", 4]),
            json!([">", 1, "<", 2, "<", 3]),
        ] {
            assert!(parse(&terms).is_err(), "{terms}");
        }
    }
}
