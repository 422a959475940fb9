//! The input template: text with variables in it, inside or outside of quotes.

use super::TransformerError;

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text that stays.
    Text(String),
    /// A variable by name.
    Variable {
        /// What stands between `<` and `>`.
        name: &'a str,
        /// Whether it is inside of a quoted string.
        quoted: bool,
    },
}

/// Cuts a template into pieces. One that is a JSON object or array must be JSON apart from its
/// variables, and loses its white space, since what EventBridge sends is minified.
pub(super) fn pieces(template: &str) -> Result<Vec<Piece<'_>>, TransformerError> {
    let is_json = template.trim_start().starts_with(['{', '[']);
    let mut reader = Reader { is_json, ..Reader::default() };
    let mut rest = template;
    while let Some(char) = rest.chars().next() {
        if char == '<' {
            let lone = || {
                let at = template[..template.len() - rest.len()].chars().count() + 1;
                TransformerError::LoneBracket { at }
            };
            let (name, after) = rest[1..].split_once('>').ok_or_else(lone)?;
            if name.is_empty() || !name.chars().all(is_name) {
                return Err(lone());
            }
            reader.variable(name);
            rest = after;
        } else {
            reader.text(char)?;
            rest = &rest[char.len_utf8()..];
        }
    }
    reader.end()
}

fn is_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.')
}

/// Follows the quotes, and builds a skeleton with `null` for each variable outside of them.
#[derive(Debug, Default)]
struct Reader<'a> {
    is_json: bool,
    quoted: bool,
    escaped: bool,
    in_string: Option<&'a str>,
    skeleton: String,
    text: String,
    pieces: Vec<Piece<'a>>,
}

impl<'a> Reader<'a> {
    fn text(&mut self, char: char) -> Result<(), TransformerError> {
        if self.is_json && !self.quoted && char.is_ascii_whitespace() {
            self.skeleton.push(char);
            return Ok(());
        }
        if !self.quoted
            && let Some(name) = self.in_string.take_if(|_| self.is_json)
            && char == ':'
        {
            return Err(TransformerError::VariableInKey { name: name.into() });
        }
        if char == '"' && !self.escaped {
            self.quoted = !self.quoted;
        }
        self.escaped = self.quoted && char == '\\' && !self.escaped;
        self.text.push(char);
        self.skeleton.push(char);
        Ok(())
    }

    fn variable(&mut self, name: &'a str) {
        if self.quoted {
            self.in_string = Some(name);
        } else {
            self.skeleton.push_str("null");
        }
        self.escaped = false;
        self.cut();
        self.pieces.push(Piece::Variable { name, quoted: self.quoted });
    }

    fn cut(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.text)));
        }
    }

    fn end(mut self) -> Result<Vec<Piece<'a>>, TransformerError> {
        self.cut();
        if self.is_json
            && let Err(error) = serde_json::from_str::<serde_json::Value>(&self.skeleton)
        {
            return Err(TransformerError::NotJson { problem: error.to_string() });
        }
        Ok(self.pieces)
    }
}
