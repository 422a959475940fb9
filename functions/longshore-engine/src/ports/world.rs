//! Time and chance.

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// Draws random numbers.
pub trait Rng: Sync {
    /// A number drawn evenly from all there are.
    fn draw(&self) -> u64;

    /// A new write id, by which a writer knows its own write again.
    fn write_id(&self) -> String {
        format!("{:016x}", self.draw())
    }
}

/// Time and chance together.
pub trait World: Clock + Rng {}

impl<W: Clock + Rng> World for W {}
