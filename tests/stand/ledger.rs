//! Runs as they stand in the ledger's table, read without longshore's own code.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::{Stand, eventually};

/// Name of the ledger of the stack.
pub(crate) const LEDGER: &str = "longshore-ledger";

/// A run, as far as tests look at it.
#[derive(Clone, Debug)]
pub(crate) struct RunRow(HashMap<String, AttributeValue>);

impl RunRow {
    /// A text of the row, down the path `names`; empty if it is not there.
    pub(crate) fn text(&self, names: &[&str]) -> String {
        let (last, maps) = names.split_last().unwrap();
        let mut map = &self.0;
        for name in maps {
            match map.get(*name).map(AttributeValue::as_m) {
                Some(Ok(inner)) => map = inner,
                _ => return String::new(),
            }
        }
        match map.get(*last) {
            Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
            _ => String::new(),
        }
    }

    pub(crate) fn id(&self) -> String {
        self.text(&["id"])
    }

    pub(crate) fn key(&self) -> String {
        self.text(&["input", "key"])
    }

    /// Whether the row has an attribute.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether it holds several objects.
    pub(crate) fn has_several(&self) -> bool {
        !self.text(&["input", "list"]).is_empty()
    }

    pub(crate) fn state(&self) -> String {
        self.text(&["st"])
    }

    /// Whether somebody must look at it by `now`.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.text(&["due"]).parse::<Timestamp>().is_ok_and(|due| due <= now)
    }

    pub(crate) fn has_ended(&self) -> bool {
        ["succeeded", "failed", "cancelled", "superseded"].contains(&self.state().as_str())
    }
}

impl Stand {
    /// All runs of the object `key`.
    pub(crate) async fn runs_of(&self, key: &str) -> Vec<RunRow> {
        let mut runs = self.runs().await;
        runs.retain(|run| run.text(&["input", "key"]) == key);
        runs
    }

    /// All runs.
    pub(crate) async fn runs(&self) -> Vec<RunRow> {
        let mut runs = Vec::new();
        let scan = self.dynamodb.scan().table_name(LEDGER).consistent_read(true);
        let mut pages = scan.into_paginator().send();
        while let Some(page) = pages.next().await {
            runs.extend(page.unwrap().items.unwrap_or_default().into_iter().map(RunRow));
        }
        runs.retain(|row| row.text(&["sk"]) == "RUN");
        runs
    }

    /// Waits until the one run of `key` has ended.
    pub(crate) async fn ended(&self, key: &str) -> RunRow {
        eventually(&format!("the end of the run of `{key}`"), || async {
            let runs = self.runs_of(key).await;
            assert!(runs.len() <= 1, "one run per version: {runs:?}");
            runs.into_iter().find(RunRow::has_ended)
        })
        .await
    }
}
