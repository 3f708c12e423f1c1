//! `/livez` says that the process lives; `/readyz` says that it can serve (503 until then).

use axum::Router;
use axum::routing::get;
use pano_types::{Code, Problem};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Failure;

/// Whether a role is ready. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Ready from the start.
    pub fn ready() -> Self {
        let readiness = Self::default();
        readiness.set(true);
        readiness
    }
    /// From now on ready, or not.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }
    /// Whether it is.
    pub fn is_ready(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The two routes.
pub fn router<S: Clone + Send + Sync + 'static>(readiness: Readiness) -> Router<S> {
    let ready = move || {
        let ready = readiness.is_ready();
        async move {
            if ready {
                Ok("ready\n")
            } else {
                Err(Failure::from(Problem::new(Code::Unavailable).detail(("starting", "正在启动"))))
            }
        }
    };
    Router::new().route("/livez", get(|| async { "alive\n" })).route("/readyz", get(ready))
}
