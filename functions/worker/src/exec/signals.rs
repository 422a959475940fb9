//! The signals that are passed on to the command.

use std::{future::poll_fn, io, task::Poll};

use rustix::process::Signal;
use tokio::signal::unix::{self, SignalKind};

use super::course::Signalled;

/// What ECS, an init process or a person sends to a container. As process 1 a signal without a
/// disposition would not even arrive (pid_namespaces(7)).
const PASSED_ON: [(Signal, &str); 6] = [
    (Signal::TERM, "SIGTERM"),
    (Signal::INT, "SIGINT"),
    (Signal::HUP, "SIGHUP"),
    (Signal::QUIT, "SIGQUIT"),
    (Signal::USR1, "SIGUSR1"),
    (Signal::USR2, "SIGUSR2"),
];

/// Signals of this process, from its start.
#[derive(Debug)]
pub(crate) struct Signals(Vec<(Signal, &'static str, unix::Signal)>);

impl Signals {
    /// From now on they do not end this process.
    pub(crate) fn listen() -> std::io::Result<Self> {
        let listen = |(signal, name): (Signal, &'static str)| {
            Ok((signal, name, unix::signal(SignalKind::from_raw(signal.as_raw()))?))
        };
        PASSED_ON.into_iter().map(listen).collect::<io::Result<_>>().map(Self)
    }

    /// The name of the next signal that asks to end; others have nobody to go to.
    pub(crate) async fn end_asked(&mut self) -> &'static str {
        loop {
            let (signal, name) = self.next().await;
            if asks_to_end(signal) {
                return name;
            }
        }
    }
}

impl Signalled for Signals {
    async fn next(&mut self) -> (Signal, &'static str) {
        poll_fn(|context| {
            for (signal, name, arrivals) in &mut self.0 {
                if arrivals.poll_recv(context).is_ready() {
                    return Poll::Ready((*signal, *name));
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Whether whoever sends it wants the container to end: ECS sends SIGTERM, a terminal SIGINT.
/// SIGQUIT does not: a JVM answers it with a list of its threads and works on.
pub(crate) fn asks_to_end(signal: Signal) -> bool {
    signal == Signal::TERM || signal == Signal::INT
}
