//! What the variables of the container ask for.

use longshore::{
    config::{ConfigError, Variables},
    ingest::{KeySchema, dead_letters::DEAD_LETTER},
    run::LaunchId,
};
use longshore_engine::{ingest::IngestPlan, ports::ObjectRef};

/// Everything the worker is told.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Table of runs.
    pub(crate) ledger: String,
    /// Table of items.
    pub(crate) table: String,
    /// The launch that started this task.
    pub(crate) launch: LaunchId,
    /// The object, if the launch names one.
    pub(crate) object: Option<ObjectRef>,
    destination: Destination,
}

/// Where items and bad records go.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    /// Table of items.
    pub(crate) table: String,
    /// Its primary key.
    pub(crate) key: KeySchema,
    /// Bucket of bad records, if it is not that of the object.
    pub(crate) dead_letter_bucket: Option<String>,
    /// What their keys begin with.
    pub(crate) dead_letter_prefix: String,
}

impl Destination {
    pub(crate) fn read(variables: &Variables) -> Result<Self, ConfigError> {
        let key = variables.required("LONGSHORE_KEY_FIELD")?;
        let key: KeySchema = key.parse().map_err(|_| ConfigError::Unusable {
            name: "LONGSHORE_KEY_FIELD",
            value: key.into(),
            expected: "a key like `id`, `id:N` or `device:S,at:N`",
        })?;
        let text = |name| variables.optional(name).map(str::to_owned);
        Ok(Self {
            table: table(variables)?,
            key,
            dead_letter_bucket: text("LONGSHORE_DEAD_LETTER_BUCKET"),
            dead_letter_prefix: text("LONGSHORE_DEAD_LETTER_PREFIX").unwrap_or_default(),
        })
    }

    /// What is to be done with an object.
    pub(crate) fn plan(&self, object: ObjectRef) -> IngestPlan {
        let dead_letters = self.dead_letter_bucket.clone().unwrap_or_else(|| object.bucket.clone());
        let plan = IngestPlan::new(object, self.key.clone(), dead_letters);
        IngestPlan { dead_letter_prefix: self.dead_letter_prefix.clone(), ..plan }
    }
}

impl Settings {
    pub(crate) fn read(variables: &Variables) -> Result<Self, ConfigError> {
        let destination = Destination::read(variables)?;
        let text = |name| variables.optional(name).map(str::to_owned);
        let object = text("LONGSHORE_BUCKET").map(|bucket| {
            let key = variables.required("LONGSHORE_KEY")?.to_owned();
            let (version_id, etag) = (text("LONGSHORE_VERSION_ID"), text("LONGSHORE_ETAG"));
            Ok(ObjectRef { bucket, key, version_id, etag })
        });
        Ok(Self {
            ledger: variables.required("LONGSHORE_LEDGER")?.into(),
            table: destination.table.clone(),
            launch: launch(variables)?,
            object: object.transpose()?,
            destination,
        })
    }

    /// Primary key of the table of items.
    pub(crate) fn key(&self) -> KeySchema {
        self.destination.key.clone()
    }

    /// What keys of dead letters begin with, if those of objects of `bucket` lie in it too.
    pub(crate) fn dead_letters_in(&self, bucket: &str) -> Option<String> {
        let Destination { dead_letter_bucket, dead_letter_prefix, .. } = &self.destination;
        let is_there = dead_letter_bucket.as_ref().is_none_or(|it| it == bucket);
        is_there.then(|| format!("{dead_letter_prefix}{DEAD_LETTER}"))
    }

    /// What is to be done with an object.
    pub(crate) fn plan(&self, object: ObjectRef) -> IngestPlan {
        self.destination.plan(object)
    }
}

/// The table of items: by a name (CreateTable API reference), or by its ARN.
fn table(variables: &Variables) -> Result<String, ConfigError> {
    let (name, table) = ("LONGSHORE_TABLE", variables.required("LONGSHORE_TABLE")?);
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let is_name = (3..=255).contains(&table.len()) && table.bytes().all(may_stand);
    if is_name || table.starts_with("arn:") {
        return Ok(table.into());
    }
    let expected = "the name of a table, of 3 to 255 letters, digits, `_`, `.` and `-`, or its ARN";
    Err(ConfigError::Unusable { name, value: table.into(), expected })
}

/// The launch that started this task.
pub(crate) fn launch(variables: &Variables) -> Result<LaunchId, ConfigError> {
    let run = variables.required("LONGSHORE_RUN")?;
    Ok(LaunchId {
        run: run.parse().map_err(|_| ConfigError::Unusable {
            name: "LONGSHORE_RUN",
            value: run.into(),
            expected: "a run id",
        })?,
        attempt: variables.number("LONGSHORE_ATTEMPT", 1)?,
        launch: variables.number("LONGSHORE_LAUNCH", 1)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &[(&str, &str)]) -> Result<Settings, String> {
        let mut variables = std::collections::BTreeMap::from([
            ("LONGSHORE_RUN", "aaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("LONGSHORE_BUCKET", "b"),
            ("LONGSHORE_KEY", "a b+c %41.csv"),
            ("LONGSHORE_LEDGER", "ledger"),
            ("LONGSHORE_TABLE", "records"),
            ("LONGSHORE_KEY_FIELD", "id"),
        ]);
        variables.extend(changes.iter().copied());
        let owned = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Settings::read(&owned.collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_wrong_variable_is_named_with_what_it_should_be() {
        assert_eq!(read(&[]).unwrap().object.unwrap().key, "a b+c %41.csv");
        assert_eq!(read(&[("LONGSHORE_BUCKET", "")]).unwrap().object, None, "the ledger has them");
        let wrong = |name, value| read(&[(name, value)]).unwrap_err();
        assert!(wrong("LONGSHORE_KEY", "").contains("LONGSHORE_KEY is not set"));
        assert!(wrong("LONGSHORE_TABLE", "").contains("LONGSHORE_TABLE is not set"));
        assert!(wrong("LONGSHORE_TABLE", "t4").contains("is `t4`, expected the name of a table"));
        assert!(wrong("LONGSHORE_TABLE", "my table").contains("expected the name of a table"));
        read(&[("LONGSHORE_TABLE", "arn:aws:dynamodb:eu-west-1:1:table/records")]).unwrap();
        assert!(wrong("LONGSHORE_RUN", "x").contains("LONGSHORE_RUN is `x`, expected a run id"));
        assert!(wrong("LONGSHORE_KEY_FIELD", "id:B").contains("`id:N`"));
        assert!(wrong("LONGSHORE_ATTEMPT", "two").contains("a whole number"));
    }
}
