//! What a parameter allows: of a list, of each value in it ("Parameters", CloudFormation User Guide).

use fancy_regex::{Error, Regex};

use super::Parameter;
use crate::template::node::Node;
use crate::template::problem::Read;

/// Stands for a value that is not to be shown.
const HIDDEN: &str = "****";

impl Parameter<'_> {
    /// Checks one value against the type and the constraints.
    pub(super) fn check(&self, kind: &str, text: &str) -> Read<()> {
        self.check_listed(text)?;
        if kind == "Number" {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            let number = number.ok_or_else(|| {
                let what = format!("`{}` is not a number", self.shown(text));
                self.tell(&what, "give a decimal number")
            })?;
            return self.check_bounds(["MinValue", "MaxValue"], text, number, "");
        }
        self.check_pattern(text)?;
        let chars = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        self.check_bounds(["MinLength", "MaxLength"], text, f64::from(chars), " characters")
    }

    fn check_listed(&self, text: &str) -> Read<()> {
        let Some(allowed) = self.entry.node.get("AllowedValues") else { return Ok(()) };
        let allowed: Vec<_> = allowed.items().unwrap_or_default().iter().collect();
        let allowed: Vec<_> = allowed.into_iter().filter_map(Node::scalar).collect();
        if allowed.iter().any(|one| one == text) {
            return Ok(());
        }
        let what = format!("`{}` is not one of its `AllowedValues`", self.shown(text));
        Err(self.tell(&what, &format!("give one of {}", allowed.join(", "))))
    }

    /// `AllowedPattern`, a regular expression of Java, must match the whole value.
    fn check_pattern(&self, text: &str) -> Read<()> {
        let Some(pattern) = self.attribute("AllowedPattern") else { return Ok(()) };
        match is_match(&pattern, text) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let shown = self.shown(text);
                let what = format!("`{shown}` does not match its `AllowedPattern`, `{pattern}`");
                let remedy = self.attribute("ConstraintDescription");
                Err(self.tell(&what, remedy.as_deref().unwrap_or("give a value that does")))
            }
            Err(error) => {
                let what = format!("its `AllowedPattern`, `{pattern}`, is not applied: {error}");
                let remedy = "CloudFormation, which reads it as Java does, has the last word";
                self.problems.warn(self.entry.line, &self.path, what, remedy);
                Ok(())
            }
        }
    }

    fn check_bounds(&self, names: [&str; 2], text: &str, size: f64, unit: &str) -> Read<()> {
        let [low, high] = names;
        let bound = |name| self.attribute(name).and_then(|bound| bound.parse::<f64>().ok());
        let (name, bound, way) = match (bound(low), bound(high)) {
            (Some(bound), _) if size < bound => (low, bound, "more"),
            (_, Some(bound)) if size > bound => (high, bound, "less"),
            _ => return Ok(()),
        };
        let what = format!("`{}` is outside its `{name}` of {bound}", self.shown(text));
        Err(self.tell(&what, &format!("give {bound}{unit} or {way}")))
    }

    /// The value, unless it is a secret.
    fn shown<'a>(&self, text: &'a str) -> &'a str {
        let is_secret = self.attribute("NoEcho").is_some_and(|it| it.eq_ignore_ascii_case("true"));
        if is_secret { HIDDEN } else { text }
    }
}

/// Whether the pattern matches all of the text.
fn is_match(pattern: &str, text: &str) -> Result<bool, Box<Error>> {
    let whole = Regex::new(&format!(r"\A(?:{pattern})\z"))?;
    Ok(whole.is_match(text)?)
}
