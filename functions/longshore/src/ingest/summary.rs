//! The equation that says nothing was lost: `read = written + replaced + dead-lettered`; and in an
//! object that another worker began, `+ written before`.

use std::{fmt, ops::Add};

use serde::{Deserialize, Serialize};

/// Records counted while an object is worked off; nothing is claimed of them yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Records that the object holds.
    pub read: u64,
    /// Items that the table acknowledged.
    pub written: u64,
    /// Rows that a later row with the same key made void before they were sent.
    pub replaced: u64,
    /// Records that were set aside with their reason.
    pub dead_lettered: u64,
    /// Records that an earlier worker has written, or replaced, before it left.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub written_before: u64,
}

/// Counts that balance: there is no other way to make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Counts", into = "Counts")]
pub struct Summary(Counts);

/// Records are unaccounted for: a defect, never an input's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("records are unaccounted for: {}", equation(.0, "≠"))]
pub struct Unbalanced(pub Counts);

impl TryFrom<Counts> for Summary {
    type Error = Unbalanced;

    fn try_from(counts: Counts) -> Result<Self, Unbalanced> {
        let ends = [counts.replaced, counts.dead_lettered, counts.written_before];
        let sum = ends.iter().try_fold(counts.written, |sum, end| sum.checked_add(*end));
        if sum == Some(counts.read) { Ok(Self(counts)) } else { Err(Unbalanced(counts)) }
    }
}

impl Add for Counts {
    type Output = Self;

    /// Of two objects together.
    fn add(self, other: Self) -> Self {
        Self {
            read: self.read + other.read,
            written: self.written + other.written,
            replaced: self.replaced + other.replaced,
            dead_lettered: self.dead_lettered + other.dead_lettered,
            written_before: self.written_before + other.written_before,
        }
    }
}

impl From<Summary> for Counts {
    fn from(summary: Summary) -> Self {
        summary.0
    }
}

impl Summary {
    /// The numbers.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&equation(&self.0, "="))
    }
}

fn equation(counts: &Counts, sign: &str) -> String {
    let Counts { read, written, replaced, dead_lettered, written_before } = counts;
    let before = match written_before {
        0 => String::new(),
        before => format!(" + written before {before}"),
    };
    format!(
        "read {read} {sign} written {written} + replaced {replaced} + dead-lettered \
         {dead_lettered}{before}"
    )
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{Counts, Summary};

    const BALANCED: Counts =
        Counts { read: 10, written: 7, replaced: 2, dead_lettered: 1, written_before: 0 };

    #[test]
    fn a_summary_prints_its_equation_and_survives_json() {
        let summary = Summary::try_from(BALANCED).unwrap();
        expect!["read 10 = written 7 + replaced 2 + dead-lettered 1"]
            .assert_eq(&summary.to_string());
        let json = serde_json::to_string(&summary).unwrap();
        expect![[r#"{"read":10,"written":7,"replaced":2,"deadLettered":1}"#]].assert_eq(&json);
        assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), summary);
        let resumed = Counts { read: 15, written_before: 5, ..BALANCED };
        let resumed = Summary::try_from(resumed).unwrap();
        expect!["read 15 = written 7 + replaced 2 + dead-lettered 1 + written before 5"]
            .assert_eq(&resumed.to_string());
        let json = serde_json::to_string(&resumed).unwrap();
        expect![[r#"{"read":15,"written":7,"replaced":2,"deadLettered":1,"writtenBefore":5}"#]]
            .assert_eq(&json);
        assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), resumed);
    }

    #[test]
    fn counts_that_do_not_balance_are_no_summary() {
        for read in [9, 11] {
            let error = Summary::try_from(Counts { read, ..BALANCED }).unwrap_err();
            assert!(error.to_string().contains('≠'), "{error}");
        }
        let overflow = Counts { read: 1, written: u64::MAX, replaced: 2, ..Counts::default() };
        assert!(Summary::try_from(overflow).is_err());
        let json = r#"{"read":3,"written":1,"replaced":0,"deadLettered":0}"#;
        assert!(serde_json::from_str::<Summary>(json).is_err());
    }
}
