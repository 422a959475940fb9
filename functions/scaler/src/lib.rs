//! Lambda: queue depth sets the number of workers. Nothing is decided here yet.
