//! What the variables of the container say of its tick.

use jiff::Timestamp;
use longshore::{
    batch::{Address, Options, Shard, ShardError, Source},
    config::{ConfigError, Variables},
};

use crate::settings::Settings;

/// The tick, and which part of it is ours.
#[derive(Debug)]
pub(super) struct TickSettings {
    pub(super) trigger: String,
    pub(super) scheduled_at: Timestamp,
    pub(super) shard: Shard,
    /// Buckets whose objects an inventory may list, wherever it lies.
    pub(super) buckets: Vec<String>,
}

/// Why there is nothing to begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error(
        "variable LONGSHORE_SCHEDULED_TIME is not set: `worker batch` works off a tick; let a \
         schedule start it, or take `batch` out of the command for runs about objects"
    )]
    NoTick,
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Shard(#[from] ShardError),
    #[error(
        "{0} lies under `{1}`, where bad records are set aside; write another prefix, or set \
         LONGSHORE_DEAD_LETTER_PREFIX"
    )]
    DeadLetters(Address, String),
}

impl TickSettings {
    pub(super) fn read(
        variables: &Variables,
        settings: &Settings,
        options: &Options,
    ) -> Result<Self, Unusable> {
        let scheduled_at =
            variables.optional("LONGSHORE_SCHEDULED_TIME").ok_or(Unusable::NoTick)?;
        let scheduled_at = scheduled_at.parse().map_err(|_| ConfigError::Unusable {
            name: "LONGSHORE_SCHEDULED_TIME",
            value: scheduled_at.into(),
            expected: "a time like 2026-11-23T00:00:00Z",
        })?;
        let (index, of) =
            (variables.number("LONGSHORE_SHARD", 0)?, variables.number("LONGSHORE_SHARDS", 1)?);
        if let Source::Prefix(address) = &options.source
            && let Some(aside) = settings.dead_letters_in(&address.bucket)
            && address.key.starts_with(&aside)
        {
            return Err(Unusable::DeadLetters(address.clone(), aside));
        }
        Ok(Self {
            trigger: variables.required("LONGSHORE_TRIGGER")?.into(),
            scheduled_at,
            shard: Shard::new(index, of)?,
            buckets: variables.list("LONGSHORE_BUCKETS"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str, changes: &[(&str, &str)]) -> Result<TickSettings, String> {
        let mut variables = std::collections::BTreeMap::from([
            ("LONGSHORE_RUN", "aaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("LONGSHORE_TRIGGER", "nightly"),
            ("LONGSHORE_SCHEDULED_TIME", "2026-11-23T01:00:00Z"),
            ("LONGSHORE_LEDGER", "ledger"),
            ("LONGSHORE_TABLE", "records"),
            ("LONGSHORE_KEY_FIELD", "id"),
            ("LONGSHORE_DEAD_LETTER_BUCKET", "data"),
        ]);
        variables.extend(changes.iter().copied());
        let owned = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let variables: Variables = owned.collect();
        let settings = Settings::read(&variables).unwrap();
        let words = ["--source", source]
            .into_iter()
            .chain(source.ends_with("a/").then_some("--whole-bucket"));
        let options = Options::parse(words.map(str::to_owned)).unwrap();
        TickSettings::read(&variables, &settings, &options).map_err(|error| error.to_string())
    }

    #[test]
    fn a_tick_and_its_shard_are_told() {
        let tick = read("s3://data/in/", &[]).unwrap();
        assert_eq!((tick.shard, tick.trigger.as_str()), (Shard::WHOLE, "nightly"));
        let shards = [("LONGSHORE_SHARD", "2"), ("LONGSHORE_SHARDS", "3")];
        assert_eq!(read("s3://data/in/", &shards).unwrap().shard.to_string(), "2 of 3");
    }

    #[test]
    fn what_is_no_tick_is_told_what_to_do() {
        let wrong = |name, value| read("s3://data/in/", &[(name, value)]).unwrap_err();
        let no_tick = wrong("LONGSHORE_SCHEDULED_TIME", "");
        assert!(no_tick.contains("let a schedule start it"), "{no_tick}");
        assert!(wrong("LONGSHORE_SCHEDULED_TIME", "noon").contains("expected a time like"));
        assert!(wrong("LONGSHORE_SHARD", "1").contains("expected 0 to 0 for 1 shards"));
        assert!(wrong("LONGSHORE_SHARDS", "0").contains("expected 1 to 1000"));
        assert!(wrong("LONGSHORE_SHARD", "-1").contains("a whole number"));
        assert!(wrong("LONGSHORE_TRIGGER", "").contains("LONGSHORE_TRIGGER is not set"));
    }

    #[test]
    fn dead_letters_are_never_what_is_asked_for() {
        let place = "s3://data/dead-letter/in/";
        let refused = read(place, &[]).unwrap_err();
        assert!(refused.contains("where bad records are set aside"), "{refused}");
        assert!(read(place, &[("LONGSHORE_DEAD_LETTER_BUCKET", "")]).is_err());
        assert!(read(place, &[("LONGSHORE_DEAD_LETTER_BUCKET", "ops")]).is_ok());
        assert!(read(place, &[("LONGSHORE_DEAD_LETTER_PREFIX", "longshore/")]).is_ok());
        assert!(read("s3://data/", &[]).is_ok(), "they are left out of the whole bucket");
    }
}
