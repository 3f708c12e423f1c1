//! The control plane: admin API, reviews, publishing, snapshots, usage, audit.
//!
//! Why it exists: people decide here (what is published, who may call, under which limits), everything they decide is
//! recorded, and what follows from it is compiled into the snapshot that gateways run on.
//!
//! Invariants:
//! * Nothing is open: a route that [`access`] does not name answers nobody. The two that need no token are the API's own
//!   document and the first start, which needs the secret from the data folder.
//! * A change, its audit link, its event and the answer remembered under its idempotency key are one transaction ([`mod@write`]).
//! * Where two must decide (admission, subscriptions, versions), maker and checker are two different people, not programs.
//! * A published snapshot's revision only grows; gateways are told within milliseconds of the change ([`publish`]).
//! * The manager calls no other role.
//! * What was saved is told on the event log, in order and at least once ([`mod@relay`]); nothing is forgotten before it was.
//!
//! Start reading at [`start`], then [`access`] and [`mod@write`]; [`partners`] is a typical resource.

pub mod access;
pub mod apps;
pub mod audit;
pub mod bootstrap;
pub mod call;
pub mod catalog;
pub mod certificates;
pub mod consents;
pub mod credentials;
pub mod error;
pub mod gateways;
mod internal;
mod moves;
mod notes;
pub mod operators;
pub mod partners;
pub mod plans;
pub mod publish;
mod relay;
pub mod state;
pub mod subscriptions;
mod tokens;
mod upkeep;
pub mod usage;
pub mod write;

pub use error::{Error, Result};
pub use state::Manager;

use axum::Router;
use axum::middleware::from_fn_with_state;
use pano_bus::Log;
use pano_http::{Kit, Readiness, ServeOptions, Server};
use pano_store::Store;
use pano_types::{Clock, Entropy};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Info, OpenApi, RefOr, Required, Response};
use utoipa_axum::router::OpenApiRouter;

/// How the manager is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens; port 0 takes any free one.
    pub addr: SocketAddr,
    /// Bounds of the server.
    pub serve: ServeOptions,
    /// How often changes by other processes are looked for.
    pub poll: Duration,
    /// Name of this manager among those on one database: whose event log has come how far is remembered under it.
    pub name: String,
    /// How often the end of the audit chain is noted outside of the database.
    pub note_every: Duration,
    /// What is forgotten when.
    pub retention: Retention,
    /// The capability library.
    pub catalog: catalog::Options,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 7000)),
            serve: ServeOptions::default(),
            poll: Duration::from_millis(200),
            name: "manager-1".to_owned(),
            note_every: Duration::from_secs(10),
            retention: Retention::default(),
            catalog: catalog::Options::default(),
        }
    }
}

/// What is forgotten, and when. Counts of usage and the audit trail are never.
#[derive(Debug, Clone)]
pub struct Retention {
    /// How often what may go is looked for.
    pub every: Duration,
    /// How long access records are kept for searching; the counts stay.
    pub records_for: Duration,
    /// How many access records are kept at most.
    pub records_max: u64,
    /// How long an idempotency key and its answer are remembered.
    pub answers_for: Duration,
    /// Events kept in the database behind the newest one, although they are on the log. A publisher that is further behind
    /// looks at everything.
    pub events_kept: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(60),
            records_for: Duration::from_secs(30 * 86_400),
            records_max: 1_000_000,
            answers_for: Duration::from_secs(86_400),
            events_kept: 100_000,
        }
    }
}

/// What the manager needs from outside.
#[derive(Clone)]
pub struct Deps {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Where events go ([`pano_bus::event`]).
    pub events: Arc<dyn Log>,
    /// Where the audit chain's ends are noted, out of reach of whoever can only reach the database. Never released.
    pub notes: Arc<dyn Log>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// A running manager.
#[derive(Debug)]
pub struct Handle {
    server: Server,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Handle {
    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.server.addr()
    }
    /// `http://ADDR`.
    pub fn url(&self) -> String {
        self.server.url()
    }
    /// Stops: running requests may end, long polls end at once, nothing runs any more when this returns.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.server.stop().await;
        self.tasks.wait().await;
    }
}

/// Starts the manager: server, publisher, relay, notes, upkeep.
///
/// # Errors
/// When the address cannot be bound, the table of categories is not sound, or the store refuses the first directory.
pub async fn start(options: Options, deps: Deps) -> std::io::Result<Handle> {
    options.catalog.categories.check().map_err(std::io::Error::other)?;
    let (store, clock, entropy) = (&*deps.store, &*deps.clock, &*deps.entropy);
    catalog::ensure_directory(store, clock, entropy).await.map_err(std::io::Error::other)?;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let kit = Kit::new(Arc::clone(&deps.clock), Arc::clone(&deps.entropy));
    let (addr, serve) = (options.addr, options.serve.clone());
    let manager = Manager::new(deps, options, stop.clone());
    // Ready once there is a snapshot for gateways; until then the admin API answers all the same.
    let readiness = Readiness::default();
    let routes = router(&manager, readiness.clone());
    let server = Server::start(addr, pano_http::app::finish(routes, kit), serve, &stop).await?;
    tasks.spawn(publish::run(manager.clone(), readiness));
    tasks.spawn(relay::run(manager.clone()));
    tasks.spawn(notes::run(manager.clone()));
    tasks.spawn(upkeep::run(manager));
    tasks.close();
    Ok(Handle { server, stop, tasks })
}

fn router(manager: &Manager, readiness: Readiness) -> Router {
    let (admin, document) = described();
    let document: bytes::Bytes = document.to_string().into();
    let served = move || {
        let headers = [(http::header::CONTENT_TYPE, "application/json")];
        let body = document.clone();
        async move { (headers, body) }
    };
    admin
        .route("/admin/v1/openapi.json", axum::routing::get(served))
        .merge(internal::router())
        .route_layer(from_fn_with_state(manager.clone(), call::guard))
        .with_state(manager.clone())
        .merge(pano_http::health::router(readiness))
}

/// The admin API's OpenAPI 3.1 document, generated from the handlers. Committed as `openapi/admin.json`.
pub fn openapi() -> serde_json::Value {
    described().1
}

fn described() -> (Router<Manager>, serde_json::Value) {
    let info = Info::builder()
        .title("Panorama admin API")
        .version("1.0.0")
        .description(Some(
            "The control plane of Panorama (全景银行): capability library, partners, reviews, usage, audit. Every call \
             carries an operator's API token as a bearer token. Refusals are `application/problem+json` with a stable \
             `code`; `Accept-Language: zh` or `en` chooses their language. A POST with an `Idempotency-Key` is carried \
             out once. A PUT names in `If-Match` the `ETag` that it is based on.",
        ))
        .build();
    let base = OpenApi::builder().info(info).components(Some(Components::new())).build();
    let (router, mut document) = OpenApiRouter::with_openapi(base)
        .merge(operators::router())
        .merge(partners::router())
        .merge(apps::router())
        .merge(credentials::router())
        .merge(plans::router())
        .merge(subscriptions::router())
        .merge(certificates::router())
        .merge(consents::router())
        .merge(audit::router())
        .merge(usage::router())
        .merge(gateways::router())
        .merge(catalog::router())
        .split_for_parts();
    secure(&mut document);
    // Our own structs of strings and maps serialise without fail.
    (router, serde_json::to_value(&document).unwrap_or_default())
}

/// The bearer token, and the problem that any call may be answered with.
fn secure(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    components.schemas.extend(schemas());
    for (path, item) in &mut document.paths.paths {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.delete, &mut item.patch];
        for (operation, method) in operations.into_iter().zip(["GET", "POST", "PUT", "DELETE", "PATCH"]) {
            let Some(operation) = operation else { continue };
            if access::rule(method, path) != Some(access::Access::Open) {
                operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("token", [])]);
            }
            match method {
                "POST" => header(
                    operation,
                    "Idempotency-Key",
                    false,
                    "Carries the request out once, however often it is sent.",
                ),
                "PUT" => header(operation, "If-Match", true, "The `ETag` that the change is based on."),
                _ => {}
            }
            let problem = utoipa::openapi::Ref::from_response_name("Problem");
            operation.responses.responses.insert("default".to_owned(), RefOr::Ref(problem));
        }
    }
    let content = utoipa::openapi::ContentBuilder::new()
        .schema(Some(utoipa::openapi::Ref::from_schema_name("ProblemBody")))
        .build();
    let mut problem = Response::new("A refusal (RFC 9457)");
    problem.content.insert("application/problem+json".to_owned(), RefOr::T(content));
    components.responses.insert("Problem".to_owned(), RefOr::T(problem));
}

/// Describes a header of an operation that does not describe it itself.
fn header(operation: &mut Operation, name: &str, required: bool, description: &str) {
    let parameters = operation.parameters.get_or_insert_default();
    if parameters.iter().any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name)) {
        return;
    }
    let text = ObjectBuilder::new().schema_type(Type::String);
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(if required { Required::True } else { Required::False })
        .description(Some(description))
        .schema(Some(text));
    parameters.push(RefOr::T(parameter.build()));
}

fn schemas() -> Vec<(String, RefOr<utoipa::openapi::Schema>)> {
    use pano_http::ProblemBody;
    use utoipa::{PartialSchema as _, ToSchema as _};
    let mut all = vec![("ProblemBody".to_owned(), ProblemBody::schema())];
    ProblemBody::schemas(&mut all);
    all
}
