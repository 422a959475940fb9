//! A value without functions ─▶ a typed one within its limits.

use super::near::suggest;
use super::node::{Node, Value};
use super::problem::{Failed, Problems, Read};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    pub(super) node: &'a Node,
    pub(super) path: String,
    pub(super) problems: &'a Problems,
}

impl<'a> Field<'a> {
    /// Adds a problem with this value.
    pub(super) fn tell(&self, what: impl Into<String>, remedy: impl Into<String>) -> Failed {
        self.problems.tell(self.node.line, &self.path, what, remedy)
    }

    /// The value of a key, when it is there.
    pub(super) fn get(&self, key: &str) -> Option<Field<'a>> {
        self.node.get(key).map(|node| self.within(node, format!("{}.{key}", self.path)))
    }

    /// The value of a key, which must be there.
    pub(super) fn required(&self, key: &str) -> Read<Field<'a>> {
        self.get(key)
            .ok_or_else(|| self.tell(format!("`{key}` is missing"), format!("add `{key}`")))
    }

    /// Refuses keys that are not `known`.
    pub(super) fn only(&self, known: &[&str]) -> Read<()> {
        let mut answer = Ok(());
        for (key, field) in self.entries()? {
            if !known.contains(&key) {
                let remedy = suggest(key, known.iter().copied(), "take it away");
                answer = Err(field.tell(format!("`{key}` is not known here"), remedy));
            }
        }
        answer
    }

    /// Refuses one key, where it would be served wrong.
    pub(super) fn refuse(&self, key: &str, why: &str, remedy: &str) -> Read<()> {
        match self.get(key) {
            Some(field) => Err(field.tell(why, remedy)),
            None => Ok(()),
        }
    }

    /// Its entries, as a map.
    pub(super) fn entries(&self) -> Read<Vec<(&'a str, Field<'a>)>> {
        let entries = self.node.entries().ok_or_else(|| self.wrong("a map"))?;
        let field = |key: &str, node| self.within(node, format!("{}.{key}", self.path));
        Ok(entries.iter().map(|entry| (&*entry.key, field(&entry.key, &entry.node))).collect())
    }

    /// Its items, as a list.
    pub(super) fn items(&self) -> Read<Vec<Field<'a>>> {
        let items = self.node.items().ok_or_else(|| self.wrong("a list"))?.iter().enumerate();
        Ok(items.map(|(at, node)| self.within(node, format!("{}[{at}]", self.path))).collect())
    }

    /// The items of a key, or none.
    pub(super) fn items_of(&self, key: &str) -> Read<Vec<Field<'a>>> {
        self.get(key).map_or(Ok(Vec::new()), |field| field.items())
    }

    /// A string; CloudFormation turns numbers and booleans into one.
    pub(super) fn text(&self) -> Read<String> {
        self.node.scalar().ok_or_else(|| self.wrong("a string"))
    }

    /// The string of a key, when it is there.
    pub(super) fn text_of(&self, key: &str) -> Read<Option<String>> {
        self.get(key).map(|field| field.text()).transpose()
    }

    /// A list of strings.
    pub(super) fn texts(&self) -> Read<Vec<String>> {
        self.items()?.iter().map(Field::text).collect()
    }

    /// A string that is one of a few.
    pub(super) fn one_of(&self, words: &[&str]) -> Read<String> {
        let text = self.text()?;
        if words.contains(&text.as_str()) {
            return Ok(text);
        }
        let what = format!("`{text}` is not one of {}", words.join(", "));
        if matches!(self.node.value, Value::Flag(_)) {
            return Err(
                self.tell(what, "put it in quotes: YAML reads on, off, yes, no as booleans")
            );
        }
        Err(self.tell(what, suggest(&text, words.iter().copied(), "take one of them")))
    }

    /// An integer within its limits; CloudFormation makes one of a string.
    pub(super) fn integer(&self, min: u32, max: u32) -> Read<u32> {
        let text = self.text()?;
        match text.parse::<u32>() {
            Ok(number) if (min..=max).contains(&number) => Ok(number),
            _ => {
                let what = format!("`{text}` is not an integer from {min} to {max}");
                Err(self.tell(what, "give one within these limits"))
            }
        }
    }

    /// The integer of a key, or its default.
    pub(super) fn integer_of(&self, key: &str, min: u32, max: u32, default: u32) -> Read<u32> {
        self.get(key).map_or(Ok(default), |field| field.integer(min, max))
    }

    /// A boolean; CloudFormation makes one of `"true"` and `"false"`.
    pub(super) fn flag(&self) -> Read<bool> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(self.tell(format!("`{other}` is not a boolean"), "give true or false")),
        }
    }

    /// The boolean of a key, or its default.
    pub(super) fn flag_of(&self, key: &str, default: bool) -> Read<bool> {
        self.get(key).map_or(Ok(default), |field| field.flag())
    }

    /// The ARN of a queue.
    pub(super) fn queue_arn(&self) -> Read<String> {
        let text = self.text()?;
        if text.starts_with("arn:aws:sqs:") {
            return Ok(text);
        }
        Err(self.tell(format!("`{text}` is not the ARN of a queue"), "take `!GetAtt QUEUE.Arn`"))
    }

    /// The ARN of a queue or a function, to which something is sent. A function has one version
    /// here, so its ARN loses a version or alias.
    pub(super) fn target_arn(&self) -> Read<String> {
        let text = self.text()?;
        let parts: Vec<&str> = text.split(':').collect();
        match parts.as_slice() {
            ["arn", "aws", "sqs", _, _, _] | ["arn", "aws", "lambda", _, _, "function", _] => {
                Ok(text)
            }
            [function @ .., _] if function.len() == 7 && function[2] == "lambda" => {
                Ok(function.join(":"))
            }
            _ => {
                let what = format!("`{text}` is neither a queue nor a function");
                Err(self.tell(what, "send to a queue or a function: others are not served here"))
            }
        }
    }

    fn wrong(&self, wanted: &str) -> Failed {
        let what = format!("{wanted} is wanted, not {}", self.node.kind());
        self.tell(what, format!("give {wanted}"))
    }

    fn within(&self, node: &'a Node, path: String) -> Field<'a> {
        Field { node, path, problems: self.problems }
    }
}
