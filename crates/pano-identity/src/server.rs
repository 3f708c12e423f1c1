//! Starting and stopping the role.

use crate::background;
use crate::http::router;
use crate::keys::{KeyError, KeyView};
use crate::options::{Deps, IdentityOptions};
use crate::state::State;
use pano_http::{Kit, Readiness, ServeOptions, Server, app, health};
use pano_oauth::metadata::{Issuer, NotAnIssuer};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Why the role did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The issuer is not one.
    #[error(transparent)]
    Issuer(#[from] NotAnIssuer),
    /// Keys could not be made or published.
    #[error("the signing keys could not be made ready")]
    Keys(#[from] KeyError),
    /// The address cannot be used.
    #[error("cannot listen on {addr}")]
    Listen {
        /// Which.
        addr: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// The running role.
pub struct Handle {
    server: Server,
    state: Arc<State>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Starts the role: keys first, then the door. When this returns, a key signs and stands in the store.
///
/// # Errors
/// [`StartError`]
pub async fn start(options: IdentityOptions, deps: Deps) -> Result<Handle, StartError> {
    let issuer = Issuer::parse(&options.issuer)?;
    let kit = Kit::new(Arc::clone(&deps.clock), Arc::clone(&deps.entropy));
    let now = deps.clock.now();
    let state = State::new(&options, issuer, deps);
    state.keys.tick(now).await?;
    let stop = CancellationToken::new();
    let routes = router(Arc::clone(&state)).merge(health::router(Readiness::ready()));
    let server = Server::start(options.listen, app::finish(routes, kit), ServeOptions::default(), &stop)
        .await
        .map_err(|source| StartError::Listen { addr: options.listen, source })?;
    let tasks = TaskTracker::new();
    tasks.spawn(background::run(Arc::clone(&state), options.tick, stop.clone()));
    tasks.close();
    tracing::info!(addr = %server.addr(), issuer = state.issuer.as_str(), "identity is ready");
    Ok(Handle { server, state, stop, tasks })
}

impl Handle {
    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// The signing keys, oldest first.
    pub fn keys(&self) -> Vec<KeyView> {
        self.state.keys.views()
    }

    /// Does all background work now rather than when its time comes: what a test with a clock of its own calls.
    ///
    /// # Errors
    /// When keys cannot be moved or published (they stay as they were), or the store fails.
    pub async fn tick(&self) -> Result<(), KeyError> {
        background::everything(&self.state).await
    }

    /// Stops softly, then hard; returns when nothing runs any more.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.server.stop().await;
        self.tasks.wait().await;
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("addr", &self.addr()).field("issuer", &self.state.issuer).finish_non_exhaustive()
    }
}
