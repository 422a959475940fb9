//! `Fn::Sub`: a string with `${…}` in it, in both of its forms.

use super::intrinsics::At;
use super::node::{Node, Value};
use super::problem::Read;
use super::scope::Scope;

/// A piece of the string.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    /// Text that stays; `${!x}` stays as `${x}`.
    Literal(&'t str),
    /// What stands between `${` and `}`.
    Variable(&'t str),
}

impl Scope<'_> {
    /// `Fn::Sub: string` or `Fn::Sub: [string, map]`
    pub(super) fn substitute(&self, node: &Node, at: &At) -> Read<Value> {
        let (text, given) = if node.as_text().is_some() {
            (node, None)
        } else {
            let [text, given] = self.arguments(node, at, "a string, or a string and a map")?;
            (text, Some(given))
        };
        let template = text.as_text().ok_or_else(|| {
            let what = "`Fn::Sub` takes its string literally, not from a function";
            self.tell(text.line, at, what, "write the string, and its variables in the map")
        })?;
        let pieces = pieces(template).ok_or_else(|| {
            let what = "a `${` is not closed by `}`";
            self.tell(
                text.line,
                at,
                what,
                "close it, or write `${!…}` for the characters themselves",
            )
        })?;
        let mut result = String::with_capacity(template.len());
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => result.push_str(literal),
                Piece::Variable(name) => {
                    result.push_str(&self.variable(name, text.line, given, at)?);
                }
            }
        }
        let value = self.bounded(text.line, result, at)?;
        if let Value::Text(text) = &value {
            self.no_dynamic_reference(node.line, text, at)?;
        }
        Ok(value)
    }

    fn variable(&self, name: &str, line: usize, given: Option<&Node>, at: &At) -> Read<String> {
        if let Some(value) = given.and_then(|given| given.get(name)) {
            return self.evaluate_text(value, at);
        }
        let reference = match name.split_once('.') {
            Some((id, attribute)) if !name.starts_with("AWS::") => {
                Node::get_att(line, id, attribute)
            }
            _ => Node::reference(line, name),
        };
        self.evaluate_text(&reference, at)
    }
}

/// Cuts the string at its variables; nothing if one is not closed.
fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let end = start + rest[start..].find('}')?;
        let name = &rest[start + 2..end];
        if let Some(literal) = name.strip_prefix('!') {
            let closing = &rest[end..=end];
            pieces.extend([&rest[..start], "${", literal, closing].into_iter().map(Piece::Literal));
        } else {
            pieces.push(Piece::Literal(&rest[..start]));
            pieces.push(Piece::Variable(name.trim()));
        }
        rest = &rest[end + 1..];
    }
    pieces.push(Piece::Literal(rest));
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    #[test]
    fn a_string_is_cut_at_its_variables() {
        let literal = |text| Piece::Literal(text);
        let cases = [
            ("plain $ text", Some(vec![literal("plain $ text")])),
            ("${A}", Some(vec![literal(""), Piece::Variable("A"), literal("")])),
            ("a${ B.C }d", Some(vec![literal("a"), Piece::Variable("B.C"), literal("d")])),
            (
                "${!x}y",
                Some(vec![literal(""), literal("${"), literal("x"), literal("}"), literal("y")]),
            ),
            ("${A", None),
        ];
        for (text, expected) in cases {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }
}
