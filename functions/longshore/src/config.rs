//! Configuration from variables, raw ─▶ valid; whoever runs reads the environment and passes it in.

use std::collections::BTreeMap;

/// Variables as the process was given them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

/// A variable is missing or cannot mean anything; nothing was opened yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A variable that must be there is not, or is empty.
    #[error("variable {0} is not set; the template sets it on the function or the container")]
    Missing(&'static str),
    /// A variable is there and makes no sense.
    #[error("variable {name} is `{value}`, expected {expected}")]
    Unusable {
        /// Name of the variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
}

impl Variables {
    /// The value of `name`, if it is set and not empty.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of `name`, which must be set and not empty.
    pub fn required(&self, name: &'static str) -> Result<&str, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing(name))
    }

    /// The items of the comma-separated list `name`; empty if it is not set.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let items = self.optional(name).unwrap_or_default().split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// The same with `others`, which come first.
    #[must_use]
    pub fn with(&self, others: &BTreeMap<String, String>) -> Self {
        let mut all = self.0.clone();
        all.extend(others.clone());
        Self(all)
    }

    /// `name` as a number, `default` if it is not set.
    pub fn number(&self, name: &'static str, default: u32) -> Result<u32, ConfigError> {
        self.optional(name).map_or(Ok(default), |value| {
            value.parse().map_err(|_| ConfigError::Unusable {
                name,
                value: value.into(),
                expected: "a whole number",
            })
        })
    }
}

impl FromIterator<(String, String)> for Variables {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}
