//! What every service of this AWS stands on.

use crate::{Account, Activity, Clock, Happening, Store};

/// Names, time, memory and voice, shared by all services; cheap to clone.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Account, Region and address.
    pub account: Account,
    /// The one clock.
    pub clock: Clock,
    /// The one persistence layer.
    pub store: Store,
    /// Where happenings are told.
    pub activity: Activity,
}

impl Ground {
    /// Tells what happens, now.
    pub fn tell(&self, happening: Happening) {
        self.activity.tell(self.clock.now(), happening);
    }
}
