//! What a backfill did, for the user.

use longshore::trigger::Registered;
use serde_json::{Value, json};

use crate::page::thousands;

/// Counts of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Sent, or what would be.
    pub(super) sent: u64,
    /// Had their run already.
    pub(super) known: u64,
    /// The rule does not match them.
    pub(super) unmatched: u64,
    /// Could never become a run.
    pub(super) refused: u64,
    /// Sent, and older than what the ledger remembers.
    pub(super) forgotten: u64,
}

impl Counts {
    /// Those that were gone through.
    pub(super) fn all(&self) -> u64 {
        self.sent + self.known + self.unmatched + self.refused
    }
}

/// How a backfill ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) trigger: String,
    /// `tick` or `object`.
    pub(super) noun: &'static str,
    pub(super) counts: Counts,
    /// Why the first was refused.
    pub(super) refusal: Option<String>,
    /// What to know besides.
    pub(super) notes: Vec<String>,
    /// The command that does the rest, if it was cut off.
    pub(super) go_on: Option<String>,
}

impl Ended {
    pub(super) fn told(&self, is_dry: bool) -> String {
        let Self { trigger, counts, .. } = self;
        let noun = if counts.sent == 1 { self.noun.to_owned() } else { format!("{}s", self.noun) };
        let verb = if is_dry { "would be sent" } else { "sent" };
        let mut parts = vec![format!("{} {noun} {verb}", thousands(counts.sent))];
        let others = [
            (counts.known, "already known"),
            (counts.unmatched, "not matched by the rule"),
            (counts.refused, "refused"),
        ];
        let others = others.into_iter().filter(|(count, _)| *count > 0);
        parts.extend(others.map(|(count, what)| format!("{} {what}", thousands(count))));
        let mut lines = vec![format!("backfill of trigger {trigger}: {}", parts.join(", "))];
        lines.extend(self.refusal.iter().map(|why| format!("refused: {why}")));
        if counts.forgotten > 0 {
            lines.push(format!(
                "{} of them {} more than 30 days old: what ran so long ago is forgotten, and runs again",
                thousands(counts.forgotten),
                if counts.forgotten == 1 { "is" } else { "are" },
            ));
        }
        if counts.sent > 0 {
            lines.extend(self.notes.clone());
            if !is_dry {
                lines.push(format!("see what becomes of them: longshore runs --trigger {trigger}"));
            }
        }
        lines.join("\n")
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "trigger": self.trigger,
            "sent": self.counts.sent,
            "known": self.counts.known,
            "unmatched": self.counts.unmatched,
            "refused": self.counts.refused,
            "forgotten": self.counts.forgotten,
            "refusal": self.refusal,
            "goOn": self.go_on,
        })
    }
}

/// That nothing starts yet.
pub(super) fn pause(trigger: &Registered) -> Option<String> {
    let name = &trigger.settings.name;
    trigger.paused_at.map(|_| format!("the trigger is paused: longshore resume {name} starts them"))
}

/// `text` as one word of a shell.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:+".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    if text.chars().any(char::is_control) {
        let escaped: Vec<String> = text.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        return format!("$'{}'", escaped.concat());
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_word_of_a_shell() {
        for (key, word) in [
            ("in/a-1.csv", "in/a-1.csv"),
            ("", "''"),
            ("a b$c.csv", "'a b$c.csv'"),
            ("it's", r"'it'\''s'"),
            ("a\nb", r"$'\x61\x0a\x62'"),
        ] {
            assert_eq!(quoted(key), word);
        }
    }
}
