//! The future that keeps all services: it looks at one when something about it changed, and when
//! its time has come.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::super::{Ecs, lock};

/// Says which services are to be looked at.
#[derive(Default)]
pub(in crate::ecs) struct Bell {
    due: Mutex<BTreeSet<String>>,
    rung: Notify,
}

impl Bell {
    /// Has the service of this key looked at.
    pub(in crate::ecs) fn ring(&self, key: String) {
        lock(&self.due).insert(key);
        self.rung.notify_one();
    }

    /// Has the keeper look whether it is still wanted.
    pub(in crate::ecs) fn wake(&self) {
        self.rung.notify_one();
    }

    fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut *lock(&self.due))
    }
}

impl Ecs {
    /// Keeps the services from now on, until this AWS shuts down; must be called within a Tokio
    /// runtime. A second call changes nothing.
    pub(crate) fn keep_services(self: &Arc<Self>) {
        let mut keeping = lock(&self.keeping);
        if keeping.is_none() {
            let keys: Vec<String> = self.state().services.keys().cloned().collect();
            for key in keys {
                self.bell.ring(key);
            }
            let ecs = Arc::clone(self);
            *keeping = Some(tokio::spawn(async move { ecs.keep().await }));
        }
    }

    async fn keep(self: &Arc<Self>) {
        let clock = self.ground.clock;
        let mut wakes: BTreeMap<String, Timestamp> = BTreeMap::new();
        while !self.state().is_closing {
            let now = clock.now();
            let mut due = self.bell.take();
            due.extend(wakes.iter().filter(|(_, at)| **at <= now).map(|(key, _)| key.clone()));
            for key in due {
                match self.turn(&key) {
                    Some(at) => wakes.insert(key, at),
                    None => wakes.remove(&key),
                };
            }
            let next = wakes.values().min().copied().unwrap_or(Timestamp::MAX);
            tokio::select! {
                () = self.bell.rung.notified() => {}
                () = clock.sleep_until(next) => {}
            }
        }
    }
}
