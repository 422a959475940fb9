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

/// See the module.
#[derive(Debug, Default)]
pub struct Triggers(Mutex<HashMap<String, (Timestamp, Registered)>>);

impl Triggers {
    fn known(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, Registered)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, name: &str, now: Timestamp) -> Option<Registered> {
        let known = self.known();
        let (read_at, registered) = known.get(name)?;
        (now.duration_since(*read_at) < FRESH).then(|| registered.clone())
    }

    fn keep(&self, registered: &Registered, now: Timestamp) {
        self.known().insert(registered.settings.name.clone(), (now, registered.clone()));
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
    ) -> Result<Result<(), Clash>, LedgerError> {
        let first = || Registered::first(settings.clone(), source.to_owned(), sent_at);
        if let Some(fresh) = self.fresh(&settings.name, world.now())
            && fresh.see(settings, source, sent_at) == Ok(None)
        {
            return Ok(Ok(()));
        }
        // What is read counts from when it was asked for, however long the answer takes.
        let mut asked_at = world.now();
        let known = ledger.registered(&settings.name).await?;
        let news = match known.as_ref().map(|known| known.see(settings, source, sent_at)) {
            None => Some(first()),
            Some(Ok(news)) => news,
            Some(Err(clash)) => return Ok(Err(clash)),
        };
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
                Ok(Ok(()))
            }
            None => Err(LedgerError(format!("trigger `{}` was not kept", settings.name))),
        }
    }
}

#[cfg(test)]
mod tests;
