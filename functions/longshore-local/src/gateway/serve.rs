//! Connections of the one port.

use std::{sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::Gateway;

/// How long open connections may finish what they are at when this AWS stops. Long polls and idle
/// connections are cut; what was not acknowledged did not happen.
const DRAIN: Duration = Duration::from_millis(500);
/// Wait after a failed accept, such as without file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves connections until `stopping` turns true, then drains them.
pub(crate) async fn serve(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    mut stopping: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopped(&mut stopping) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Without it small answers wait for the client's delayed acknowledgement.
                    drop(stream.set_nodelay(true));
                    connections.spawn(connection(Arc::clone(&gateway), stream, stopping.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "A connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if timeout(DRAIN, drained).await.is_err() {
        connections.shutdown().await;
    }
}

async fn connection(
    gateway: Arc<Gateway>,
    stream: tokio::net::TcpStream,
    mut stopping: watch::Receiver<bool>,
) {
    let service = service_fn(move |request| {
        let gateway = Arc::clone(&gateway);
        async move { gateway.answer(request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // A broken connection is its client's affair, who sees it as such.
    tokio::select! {
        ended = connection.as_mut() => drop(ended),
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            drop(connection.await);
        }
    }
}

/// Returns when this AWS stops; the guard of the watched value must not live across an await.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    drop(stopping.wait_for(|stopping| *stopping).await);
}
