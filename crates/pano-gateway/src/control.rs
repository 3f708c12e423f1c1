//! The control thread: follows the manager, ships records, answers for metrics and health. Off the path of every request.

pub mod client;
pub mod feed;
pub mod health;
pub mod quota;
pub mod ship;

use crate::compiled::Compiler;
use crate::disk::UnitStore;
use crate::shared::Shared;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts the control thread.
///
/// # Errors
/// When the thread cannot be had.
pub fn spawn(
    shared: Arc<Shared>,
    compiler: Compiler,
    store: Option<Arc<UnitStore>>,
    metrics: Option<TcpListener>,
    stop: CancellationToken,
) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("gateway-control".into()).spawn(move || {
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(run(shared, compiler, store, metrics, stop)),
            Err(error) => tracing::error!(%error, "the control thread could not start"),
        }
    })
}

async fn run(
    shared: Arc<Shared>,
    compiler: Compiler,
    store: Option<Arc<UnitStore>>,
    metrics: Option<TcpListener>,
    stop: CancellationToken,
) {
    let tasks = TaskTracker::new();
    if let Some(listener) = metrics {
        tasks.spawn(health::serve(Arc::clone(&shared), listener, stop.clone()));
    }
    if let Some(manager) = shared.options.manager.clone() {
        let manager = Arc::new(client::Manager::new(&manager));
        tasks.spawn(feed::follow(Arc::clone(&shared), Arc::clone(&manager), compiler, store, stop.clone()));
        if shared.log.is_some() {
            tasks.spawn(ship::run(Arc::clone(&shared), manager, stop.clone()));
        }
    } else if shared.log.is_some() {
        tasks.spawn(ship::retain(Arc::clone(&shared), stop.clone()));
    }
    tasks.close();
    stop.cancelled().await;
    let _ = tokio::time::timeout(shared.options.grace, tasks.wait()).await;
}
