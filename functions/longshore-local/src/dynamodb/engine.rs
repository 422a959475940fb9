//! The engine's own thread: `dynoxide` and its HTTP server, because it blocks while `SQLite` works.

use std::{
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use dynoxide::{Database, storage_backend};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::oneshot,
};

use super::broken;
use crate::{Clock, Fault, Ground};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1_024;

/// The running engine.
pub(super) struct Engine {
    pub(super) address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Engine {
    /// Starts to serve `database` on a port of its own.
    pub(super) fn start(database: Database) -> Result<Self, Fault> {
        let (stop, stopped) = oneshot::channel();
        let (told, address) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("dynamodb".into())
            .spawn(move || run(database, &told, stopped))
            .map_err(|error| broken(&error))?;
        let address = address.recv().map_err(|error| broken(&error))?;
        let address = address.map_err(|error| broken(&error))?;
        Ok(Self { address, stop, thread })
    }

    /// Ends it after the requests it is working on.
    pub(super) async fn stop(self) {
        self.stop.send(()).ok();
        // A panic of the engine has been printed; there is nothing left to end.
        tokio::task::spawn_blocking(move || self.thread.join().ok()).await.ok();
    }
}

/// The one clock, as the engine asks for the time of expiry.
struct EngineClock(Clock);

impl storage_backend::Clock for EngineClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().as_second()).unwrap_or(0)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.0.now().as_duration().as_secs_f64()
    }
}

/// Whether the engine sweeps by the one clock: its database in a file knows only the machine's, by
/// which it would delete what has just been written here in the past.
pub(super) fn knows_the_time(ground: &Ground) -> bool {
    !ground.store.is_kept() || ground.clock.is_machines()
}

/// Opens `dynamodb.sqlite` in the data directory when state is kept, else a database in memory.
pub(super) fn database(ground: &Ground) -> Result<Database, Fault> {
    if !ground.store.is_kept() {
        let clock = Arc::new(EngineClock(ground.clock));
        return Database::memory_with_clock(clock).map_err(|error| broken(&error));
    }
    let path = ground.store.dir().join("dynamodb.sqlite");
    let path = path.to_str().ok_or_else(|| Fault::server("the data directory is no UTF-8"))?;
    let database = Database::new(path).map_err(|error| broken(&error))?;
    // WAL with `synchronous = NORMAL`: a commit is handed to the operating system before it is
    // acknowledged, so a killed process loses nothing. Only a power loss may undo the latest
    // commits, and it leaves the file whole.
    database.disable_bulk_loading().map_err(|error| broken(&error))?;
    Ok(database)
}

/// The engine's thread.
fn run(
    database: Database,
    told: &mpsc::SyncSender<std::io::Result<SocketAddr>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(told.send(Err(error))),
    };
    runtime.block_on(async {
        let listener = match listen() {
            Ok(listener) => listener,
            Err(error) => return drop(told.send(Err(error))),
        };
        told.send(listener.local_addr()).ok();
        let stop = async { drop(stopped.await) };
        if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, stop).await {
            tracing::error!(%error, "DynamoDB ended");
        }
    });
}

/// Connections inherit the listener's `TCP_NODELAY` on Linux; elsewhere answers are a little late.
fn listen() -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_nodelay(true)?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    socket.listen(BACKLOG)
}
