//! Objects that two would take: an upload that a rule matches and a tick lists, or that two rules
//! match of which one starts no run. EventBridge cannot say "this prefix, and not that one" of one
//! field, so that a template can hardly keep them apart.

use jiff::Timestamp;
use longshore::batch::{Options, Source};
use longshore_eventbridge::Pattern;
use longshore_local::template::{Resource, Stack};
use serde_json::Value;

use super::{triggers::Checked, upload::uploaded};

/// A name that no pattern is about.
const ANY: &str = "longshore-check";
const TODO: &str = "keep their prefixes apart, unless both are meant";

/// A rule, and what its pattern says.
struct Rule<'a> {
    id: &'a str,
    pattern: Pattern,
    /// All texts in it, some of which are prefixes, suffixes or keys.
    texts: Vec<&'a str>,
    is_trigger: bool,
}

impl Rule<'_> {
    fn takes(&self, bucket: &str, key: &str, now: Timestamp) -> bool {
        self.pattern.matches(&uploaded(bucket, key, &now.to_string()))
    }
}

/// What would be worked off twice.
pub(super) fn overlaps(stack: &Stack, checked: &[Checked], now: Timestamp) -> Vec<String> {
    let rules = rules(stack, checked);
    let mut found = Vec::new();
    for trigger in checked {
        let Some(Options { source: Source::Prefix(place), choice, .. }) = &trigger.batch else {
            continue;
        };
        let keys = |rule: &Rule| keys(&place.key, &choice.suffixes, &rule.texts);
        let takes = |rule: &&Rule| keys(rule).iter().any(|key| rule.takes(&place.bucket, key, now));
        found.extend(rules.iter().filter(takes).map(|rule| {
            let (name, id) = (&trigger.name, rule.id);
            format!(
                "{name}: works off objects beneath s3://{}/{} that the rule {id} takes when they \
                 are uploaded; {TODO}",
                place.bucket, place.key
            )
        }));
    }
    // Two triggers of one object are two runs of it, as whoever writes both may want.
    for one in rules.iter().filter(|rule| rule.is_trigger) {
        for other in rules.iter().filter(|rule| !rule.is_trigger) {
            if let Some(place) = both_take(stack, one, other, now) {
                let (one, other) = (one.id, other.id);
                found.push(format!(
                    "{one}: takes objects such as {place}, and so does the rule {other}; {TODO}"
                ));
            }
        }
    }
    found
}

fn rules<'a>(stack: &'a Stack, checked: &[Checked]) -> Vec<Rule<'a>> {
    let rule = |declared: &'a longshore_local::template::Declared| {
        let Resource::Rule(rule) = &declared.resource else { return None };
        let id = declared.logical_id.as_str();
        let pattern = Pattern::from_value(&rule.pattern).ok().filter(|_| rule.enabled)?;
        let mut texts = Vec::new();
        gather(&rule.pattern, &mut texts);
        let is_trigger = checked.iter().any(|trigger| trigger.by == id);
        Some(Rule { id, pattern, texts, is_trigger })
    };
    stack.resources.iter().filter_map(rule).collect()
}

fn gather<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| gather(item, texts)),
        Value::Object(members) => members.values().for_each(|member| gather(member, texts)),
        _ => {}
    }
}

/// Keys beneath `prefix`, with one of the suffixes if there are any, of which a pattern with these
/// texts takes one if it takes any at all.
fn keys(prefix: &str, suffixes: &[String], texts: &[&str]) -> Vec<String> {
    let mut keys = vec![format!("{prefix}{ANY}")];
    for text in texts {
        keys.push(format!("{prefix}{text}"));
        if text.starts_with(prefix) {
            keys.extend([(*text).to_owned(), format!("{text}{ANY}")]);
        }
    }
    if suffixes.is_empty() {
        return keys;
    }
    let ended = |key: &String| {
        let with = |suffix: &String| {
            if key.ends_with(suffix) { key.clone() } else { format!("{key}{suffix}") }
        };
        suffixes.iter().map(with).collect::<Vec<_>>()
    };
    keys.iter().flat_map(ended).collect()
}

/// A place of an object that both rules take.
fn both_take(stack: &Stack, one: &Rule, other: &Rule, now: Timestamp) -> Option<String> {
    let texts: Vec<&str> = one.texts.iter().chain(&other.texts).copied().collect();
    let keys = keys("", &[], &texts);
    stack.resources.iter().find_map(|declared| {
        let Resource::Bucket(bucket) = &declared.resource else { return None };
        let both = |key: &&String| {
            one.takes(&bucket.name, key, now) && other.takes(&bucket.name, key, now)
        };
        keys.iter().find(both).map(|key| format!("s3://{}/{key}", bucket.name))
    })
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use crate::check::judge;

    /// What is said of the deployed template with these prefixes.
    fn said(prefix: &str, scheduled: &str, queued: &str) -> Vec<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/template.yaml");
        let source = std::fs::read_to_string(&path).unwrap();
        let given = [("Prefix", prefix), ("ScheduledPrefix", scheduled), ("QueuedPrefix", queued)];
        let given: BTreeMap<_, _> =
            given.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        judge(&source, &path, "longshore", &given, (0.0, now)).unwrap().warnings
    }

    #[test]
    fn an_object_that_two_would_take_is_warned_of() {
        for (prefix, scheduled, queued) in [
            ("", "", ""),
            ("", "hourly/", "queued/"),
            ("in/", "hourly/", "queued/"),
            ("in/", "in-hourly/", "i/"),
            ("hourly/a/", "hourly/b/", "hourly/c/"),
        ] {
            assert_eq!(said(prefix, scheduled, queued), [""; 0], "{prefix} {scheduled} {queued}");
        }
        let tick = |scheduled: &str, rule: &str| {
            format!(
                "longshore-scheduled: works off objects beneath \
                 s3://longshore-uploads-000000000000/{scheduled} that the rule {rule} takes when \
                 they are uploaded; keep their prefixes apart, unless both are meant"
            )
        };
        for (prefix, scheduled, queued, expected) in [
            ("in/", "in/hourly/", "", vec![tick("in/hourly/", "UploadsRule")]),
            ("in/hourly/", "in/", "", vec![tick("in/", "UploadsRule")]),
            ("in/", "in/", "", vec![tick("in/", "UploadsRule")]),
            ("", "hourly/", "hourly/queued/", vec![tick("hourly/", "QueuedRule")]),
            ("in/", "queued/hourly/", "queued/", vec![tick("queued/hourly/", "QueuedRule")]),
        ] {
            assert_eq!(said(prefix, scheduled, queued), expected);
        }
        let said = said("in/", "", "in/queued/").concat();
        assert!(said.starts_with("UploadsRule: takes objects such as s3://"), "{said}");
        assert!(said.contains("/in/queued/") && said.contains("the rule QueuedRule;"), "{said}");
    }
}
