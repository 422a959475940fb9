//! What longshore promises; see `main.rs`. The simulation is here, for its command and its promise.

pub mod simulation;
