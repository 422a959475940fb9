//! Triggers as this process has last seen them, so that a known one costs no call.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use longshore::trigger::{Clash, Registered, Trigger};

use crate::ports::{Clock, Ledger, LedgerError};

/// How long what was read of a trigger counts: a pause or a new limit takes effect within it.
const FRESH: SignedDuration = SignedDuration::from_secs(10);

/// Whether settings have just been told to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// By this process, and for the first time.
    First,
    /// It knew them, or newer ones.
    Known,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Triggers {
    known: Mutex<HashMap<String, (Timestamp, Registered)>>,
    /// The settings that this process was the first to tell the ledger of, by name.
    told: Mutex<HashMap<String, Trigger>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Triggers {
    fn known(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, Registered)>> {
        lock(&self.known)
    }

    fn fresh(&self, name: &str, now: Timestamp) -> Option<Registered> {
        let known = self.known();
        let (read_at, registered) = known.get(name)?;
        (now.duration_since(*read_at) < FRESH).then(|| registered.clone())
    }

    fn keep(&self, registered: &Registered, now: Timestamp) {
        self.known().insert(registered.settings.name.clone(), (now, registered.clone()));
    }

    /// Of messages at once that all bring new settings one is the first.
    fn is_first(&self, settings: &Trigger) -> bool {
        let last = lock(&self.told).insert(settings.name.clone(), settings.clone());
        last.is_none_or(|last| last != *settings)
    }

    /// The trigger as the ledger has it, if any event of it was ever seen.
    pub(crate) async fn get(
        &self,
        ledger: &impl Ledger,
        world: &impl Clock,
        name: &str,
    ) -> Result<Option<Registered>, LedgerError> {
        let now = world.now();
        if let Some(fresh) = self.fresh(name, now) {
            return Ok(Some(fresh));
        }
        let registered = ledger.registered(name).await?;
        if let Some(registered) = &registered {
            self.keep(registered, now);
        }
        Ok(registered)
    }

    /// Tells the ledger of settings that an event brought at `sent_at`, unless it knows.
    pub(crate) async fn see(
        &self,
        ledger: &impl Ledger,
        world: &impl Clock,
        settings: &Trigger,
        source: &str,
        sent_at: Timestamp,
    ) -> Result<Result<Sight, Clash>, LedgerError> {
        let first = || Registered::first(settings.clone(), source.to_owned(), sent_at);
        if let Some(fresh) = self.fresh(&settings.name, world.now())
            && fresh.see(settings, source, sent_at) == Ok(None)
        {
            return Ok(Ok(Sight::Known));
        }
        // What is read counts from when it was asked for, however long the answer takes.
        let mut asked_at = world.now();
        let known = ledger.registered(&settings.name).await?;
        let news = match known.as_ref().map(|known| known.see(settings, source, sent_at)) {
            None => Some(first()),
            Some(Ok(news)) => news,
            Some(Err(clash)) => return Ok(Err(clash)),
        };
        let is_news = news.is_some();
        let current = match news {
            None => known,
            Some(news) => {
                ledger.register(&news).await?;
                asked_at = world.now();
                // Somebody else may have been first.
                ledger.registered(&settings.name).await?
            }
        };
        match current {
            Some(current) if current.source != source => Ok(Err(Clash { owner: current.source })),
            Some(current) => {
                self.keep(&current, asked_at);
                let is_first = is_news && current.settings == *settings && self.is_first(settings);
                Ok(Ok(if is_first { Sight::First } else { Sight::Known }))
            }
            None => Err(LedgerError(format!("trigger `{}` was not kept", settings.name))),
        }
    }
}

#[cfg(test)]
mod tests;
