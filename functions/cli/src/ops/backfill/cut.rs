//! SIGINT and SIGTERM: whoever is cut off says where to go on.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Whether somebody wants it to end.
#[derive(Debug)]
pub(super) struct Cut {
    interrupt: Signal,
    terminate: Signal,
}

impl Cut {
    pub(super) fn listen() -> std::io::Result<Self> {
        let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()];
        Ok(Self { interrupt: signal(interrupt)?, terminate: signal(terminate)? })
    }

    /// Ends when somebody does.
    pub(super) async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
        }
    }
}
