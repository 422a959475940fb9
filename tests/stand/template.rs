//! The repository's template, changed in places: what tests shorten, and what they add.

use std::path::Path;

use super::repository;

/// The text of a template.
#[derive(Clone, Debug)]
pub(crate) struct Template(String);

impl Template {
    /// The template that is deployed.
    pub(crate) fn of_repository() -> Self {
        Self(std::fs::read_to_string(repository().join("infra/template.yaml")).unwrap())
    }

    /// The same with `new` wherever it says `old`.
    pub(crate) fn with(self, old: &str, new: &str) -> Self {
        assert!(self.0.contains(old), "the template does not say `{old}`");
        Self(self.0.replace(old, new))
    }

    /// Runs that get one attempt, so that the first failure is their end.
    pub(crate) fn one_attempt(self) -> Self {
        self.with("\"attempts\": 3", "\"attempts\": 1")
    }

    /// Attempts that follow each other within a second.
    pub(crate) fn quick_attempts(self) -> Self {
        self.with("\"base\": \"5s\"", "\"base\": \"1s\"")
    }

    /// Functions that are given up after 5 s instead of 60: a message that was in flight when its
    /// function was killed comes back after 6 s.
    pub(crate) fn quick_deliveries(self) -> Self {
        self.with("Timeout: 60\n", "Timeout: 5\n")
            .with("VisibilityTimeout: 360", "VisibilityTimeout: 6")
            .with("VisibilityTimeout: 380", "VisibilityTimeout: 8")
    }

    /// Uploads that are gathered for two seconds instead of 20.
    pub(crate) fn quick_gathering(self) -> Self {
        self.with("MaximumBatchingWindowInSeconds: 20", "MaximumBatchingWindowInSeconds: 2")
    }

    /// Sweeps that nobody but the test asks for.
    pub(crate) fn swept_by_hand(self) -> Self {
        self.with("FlexibleTimeWindow:", "State: DISABLED\n      FlexibleTimeWindow:")
    }

    /// The same with further resources.
    pub(crate) fn and(self, resources: &str) -> Self {
        self.with("\nOutputs:\n", &format!("\n{resources}\nOutputs:\n"))
    }

    /// Writes it to `dir`, and answers its path.
    pub(crate) fn write(&self, dir: &Path) -> String {
        let path = dir.join("template.yaml");
        std::fs::write(&path, &self.0).unwrap();
        path.to_str().unwrap().to_owned()
    }
}
