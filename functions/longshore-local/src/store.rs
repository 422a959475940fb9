//! The one persistence layer: what a service acknowledged is here before the answer leaves.
//!
//! With a directory, a `kill -9` at any instant loses nothing acknowledged. Without one, state
//! lives and ends with the process.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rusqlite::{Connection, params};
use serde::{Serialize, de::DeserializeOwned};

/// How long a lock is waited for. A process that was just being started when its parent ended holds
/// a copy of the parent's lock until it has become its program.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);

/// Pause between two tries at a lock.
const LOCK_AGAIN: Duration = Duration::from_millis(2);

/// Rows of `(kind, key) -> JSON`, and a directory for what is too large to be a row.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    rows: Option<Mutex<Connection>>,
    /// A temporary directory, or the lock of a kept one: both end with the process.
    _held: Held,
}

#[derive(Debug)]
enum Held {
    Temporary { _dir: tempfile::TempDir },
    Locked { _file: File },
}

/// One row to write or to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    kind: &'static str,
    key: String,
    value: Option<Vec<u8>>,
}

/// The directory or the file in it could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A directory or file could not be made.
    #[error("cannot use the data directory `{path}`: {source}; choose another with --data")]
    Directory {
        /// What was tried.
        path: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// Another process uses the directory.
    #[error(
        "the data directory `{0}` is in use by another `longshore dev`; end it, or choose another with --data"
    )]
    InUse(String),
    /// The database file is damaged, locked or full.
    #[error("cannot use `state.sqlite` in the data directory: {0}")]
    Rows(#[from] rusqlite::Error),
    /// A row is not what this version writes.
    #[error(
        "the data directory holds a {kind} that cannot be read: {source}; remove the directory"
    )]
    Foreign {
        /// Kind of the row.
        kind: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

impl Change {
    /// Writes `value` under `(kind, key)`, replacing what was there.
    pub fn put(kind: &'static str, key: impl Into<String>, value: &impl Serialize) -> Self {
        let value = serde_json::to_vec(value).unwrap_or_default();
        Self { kind, key: key.into(), value: Some(value) }
    }

    /// Removes `(kind, key)`; nothing happens if it is not there.
    pub fn delete(kind: &'static str, key: impl Into<String>) -> Self {
        Self { kind, key: key.into(), value: None }
    }
}

impl Store {
    /// Keeps nothing beyond this process.
    pub fn memory() -> Result<Self, StoreError> {
        let dir = tempfile::tempdir().map_err(|source| StoreError::Directory {
            path: std::env::temp_dir().display().to_string(),
            source,
        })?;
        let path = dir.path().to_owned();
        Ok(Self(Arc::new(Inner { dir: path, rows: None, _held: Held::Temporary { _dir: dir } })))
    }

    /// Keeps everything in `dir`, which is made if it does not exist.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir)
            .map_err(|source| StoreError::Directory { path: dir.display().to_string(), source })?;
        let file = lock(dir)?;
        let rows = Connection::open(dir.join("state.sqlite"))?;
        rows.pragma_update(None, "journal_mode", "WAL")?;
        rows.pragma_update(None, "synchronous", "NORMAL")?;
        rows.execute_batch(
            "CREATE TABLE IF NOT EXISTS row(kind TEXT, key TEXT, value BLOB, PRIMARY KEY(kind, key)) WITHOUT ROWID",
        )?;
        Ok(Self(Arc::new(Inner {
            dir: dir.to_owned(),
            rows: Some(Mutex::new(rows)),
            _held: Held::Locked { _file: file },
        })))
    }

    /// Where large things (object bodies, logs, the DynamoDB file) are kept.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// Whether state outlives the process.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.0.rows.is_some()
    }

    /// Applies all changes or none, and returns when they are safe.
    pub fn write(&self, changes: &[Change]) -> Result<(), StoreError> {
        let Some(rows) = &self.0.rows else { return Ok(()) };
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = rows.transaction()?;
        for change in changes {
            match &change.value {
                Some(value) => transaction
                    .prepare_cached("INSERT OR REPLACE INTO row VALUES (?1, ?2, ?3)")?
                    .execute(params![change.kind, change.key, value])?,
                None => transaction
                    .prepare_cached("DELETE FROM row WHERE kind = ?1 AND key = ?2")?
                    .execute(params![change.kind, change.key])?,
            };
        }
        Ok(transaction.commit()?)
    }

    /// Every row of `kind` with its key, in the order of the keys.
    pub fn load<T: DeserializeOwned>(
        &self,
        kind: &'static str,
    ) -> Result<Vec<(String, T)>, StoreError> {
        let Some(rows) = &self.0.rows else { return Ok(Vec::new()) };
        let rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut query =
            rows.prepare_cached("SELECT key, value FROM row WHERE kind = ?1 ORDER BY key")?;
        let found: Vec<(String, Vec<u8>)> = query
            .query_map(params![kind], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        found
            .into_iter()
            .map(|(key, value)| {
                let value = serde_json::from_slice(&value)
                    .map_err(|source| StoreError::Foreign { kind, source })?;
                Ok((key, value))
            })
            .collect()
    }
}

/// Two processes on one directory would end each other's tasks.
fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join("lock");
    let failed = |source| StoreError::Directory { path: path.display().to_string(), source };
    let file = File::create(&path).map_err(failed)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if began.elapsed() < LOCK_PATIENCE => {
                std::thread::sleep(LOCK_AGAIN);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse(dir.display().to_string()));
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_there_after_reopening() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.write(&[Change::put("queue", "a", &1), Change::put("queue", "b", &2)]).unwrap();
        store.write(&[Change::delete("queue", "a")]).unwrap();
        drop(store);
        let reopened = Store::open(dir.path()).unwrap();
        assert_eq!(reopened.load::<i32>("queue").unwrap(), [("b".to_owned(), 2)]);
    }

    #[test]
    fn a_directory_has_one_user() {
        let dir = tempfile::tempdir().unwrap();
        let first = Store::open(dir.path()).unwrap();
        let second = Store::open(dir.path()).unwrap_err();
        assert!(second.to_string().contains("is in use by another"), "{second}");
        drop(first);
        Store::open(dir.path()).unwrap();
    }
}
