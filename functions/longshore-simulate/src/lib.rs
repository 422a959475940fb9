//! A queue, its fleet and whoever scales it, in simulated time: what each would have cost, and how
//! long messages would have waited.
//!
//! ```text
//! Trace: arrivals and their work ─┐
//! World: how AWS behaves          ├─▶ simulate ─▶ Outcome: waits, billed seconds, launches
//! Scaler: longshore, or a peer    ┘
//! ```
//!
//! It is pure: the same trace, world, scaler and seed give the same outcome, bit for bit. longshore
//! is not modelled: it is [`longshore::scale::decide`] itself, as deployed.

mod arrivals;
mod chart;
mod dice;
mod engine;
mod number;
mod outcome;
mod price;
mod recorded;
mod scalers;
mod shapes;
mod timeline;
mod trace;
mod world;

pub use arrivals::{BadLine, arrivals};
pub use chart::{Curve, chart};
pub use dice::Dice;
pub use engine::{simulate, watch};
pub use outcome::Outcome;
pub use price::Price;
pub use recorded::{Recorded, observations};
pub use scalers::{
    Fixed, KedaJobs, KedaObject, Longshore, Observing, Order, PerMessage, Rules, ScaleIn, Scaler,
    Step, TASKS_MAX, Tracking, View, peers,
};
pub use shapes::Shape;
pub use timeline::{Moment, Timeline};
pub use trace::Trace;
pub use world::World;
