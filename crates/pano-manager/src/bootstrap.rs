//! The first start: a one-time secret for the first operator, and a credential for each of Panorama's own roles.
//!
//! Nothing is open, not even on loopback: who may read the data folder (files of mode 0600) may name the first administrator,
//! and a role proves itself to another by the token that lies there for it. The store holds only hashes.

use axum::extract::State;
use axum::response::Response;
use pano_http::{Body, Context};
use pano_store::audit::Actor;
use pano_store::meta::{OneTime, SecretHash};
use pano_store::operator::{Kind, Operator, Token};
use pano_store::{Store, StoreError};
use pano_types::id::{OperatorId, TokenId};
use pano_types::{Clock, Code, Entropy, PageRequest, Role, Secret};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::access::SERVICE;
use crate::error::Result;
use crate::operators::{self, OperatorView, TokenIssued};
use crate::state::Manager;
use crate::write::{Author, Change, Reply};

/// File with the one-time secret, in the data folder.
pub const SECRET_FILE: &str = "bootstrap.secret";
/// Folder with the roles' credentials, in the data folder; one file `ROLE.token` each.
pub const CREDENTIALS: &str = "credentials";
/// The roles that have a credential.
pub const ROLES: [&str; 3] = ["gateway", "identity", "bank"];

const NAME: &str = "bootstrap";

/// Why the first start could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The store.
    #[error("the store refused")]
    Store(#[from] StoreError),
    /// A file could not be written or read.
    #[error("{}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others may read a file that holds a secret.
    #[error("{} can be read by others: set its mode to 0600", .0.display())]
    Exposed(PathBuf),
}

/// 256 random bits behind a prefix that secret scanners can look for.
pub fn new_secret(prefix: &str, entropy: &dyn Entropy) -> Secret {
    Secret::new(format!("{prefix}_{:032x}{:032x}", entropy.u128(), entropy.u128()))
}

/// Prepares the first start: while there is no operator, makes sure that there is a one-time secret, and answers with the
/// path of its file. `None` once it has been used; the file is then removed.
///
/// # Errors
/// When the store or the folder refuse.
pub async fn ensure(
    store: &dyn Store,
    folder: &Path,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Option<PathBuf>, BootstrapError> {
    let path = folder.join(SECRET_FILE);
    let mut unit = store.begin().await?;
    let operators = unit.operator_page(&PageRequest::new(None, Some(PageRequest::MAX))).await?;
    if operators.items.iter().any(|operator| operator.kind == Kind::Person) {
        if path.exists() {
            std::fs::remove_file(&path).map_err(|source| BootstrapError::File { path, source })?;
        }
        return Ok(None);
    }
    let secret = new_secret("boot", entropy);
    if unit.one_time_add(NAME, &SecretHash::of(&secret), clock.now()).await? {
        // The file first: a crash between the two leaves a file that the next start replaces, never a secret nobody has.
        write_secret(&path, &secret)?;
        unit.save().await?;
    }
    Ok(Some(path))
}

/// The credential of each of [`ROLES`], made at the first start and read from the data folder afterwards. A lost file is
/// replaced by a new credential, and the old one is revoked.
///
/// # Errors
/// When the store or the folder refuse, or others may read a file.
pub async fn role_credentials(
    store: &dyn Store,
    folder: &Path,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<HashMap<&'static str, Secret>, BootstrapError> {
    let folder = folder.join(CREDENTIALS);
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.map_err(|source| BootstrapError::File { path: folder.clone(), source })?;
    let mut all = HashMap::new();
    for role in ROLES {
        let path = folder.join(format!("{role}.token"));
        let kept = if path.exists() { Some(read_secret(&path)?) } else { None };
        let secret = kept.unwrap_or_else(|| new_secret("role", entropy));
        let mut unit = store.begin().await?;
        let (hash, now) = (SecretHash::of(&secret), clock.now());
        if unit.operator_token_find(&hash).await?.is_none_or(|(token, _)| !token.is_live(now)) {
            let operator = service(&mut *unit, role, clock, entropy).await?;
            for token in unit.operator_tokens(operator.id).await?.iter().filter(|token| token.is_live(now)) {
                unit.operator_token_revoke(token.id, now).await?;
            }
            let id = TokenId::new(now, entropy);
            let (label, expires_at) = ("role credential".to_owned(), None);
            let (last_used_at, revoked_at) = (None, None);
            let token =
                Token { id, operator: operator.id, label, created_at: now, expires_at, last_used_at, revoked_at };
            unit.operator_token_add(&token, &hash).await?;
            write_secret(&path, &secret)?;
            unit.save().await?;
        }
        all.insert(role, secret);
    }
    Ok(all)
}

async fn service(
    unit: &mut dyn pano_store::UnitOfWork,
    role: &str,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Operator, StoreError> {
    let name = format!("{SERVICE}{role}");
    if let Some(operator) = unit.operator_by_name(&name).await? {
        return Ok(operator);
    }
    let (now, kind) = (clock.now(), Kind::Service);
    let id = OperatorId::new(now, entropy);
    let operator = Operator { id, name, kind, roles: Vec::new(), created_at: now, disabled_at: None, generation: 1 };
    unit.operator_add(&operator).await?;
    Ok(operator)
}

/// Writes a secret beside its place, with mode 0600 from the first byte on, and moves it there.
fn write_secret(path: &Path, secret: &Secret) -> Result<(), BootstrapError> {
    let failed = |source| BootstrapError::File { path: path.to_owned(), source };
    let beside = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&beside).map_err(failed)?;
    // The file is what the secret is made for.
    file.write_all(secret.expose().as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)
}

fn read_secret(path: &Path) -> Result<Secret, BootstrapError> {
    let failed = |source| BootstrapError::File { path: path.to_owned(), source };
    let mode = std::fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(BootstrapError::Exposed(path.to_owned()));
    }
    std::fs::read_to_string(path).map(|text| Secret::new(text.trim().to_owned())).map_err(failed)
}

/// What the first operator sends. No `Debug`: it holds a secret.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// The secret from the data folder.
    #[schema(value_type = String)]
    secret: String,
    /// Name of the first administrator.
    #[schema(example = "li.lei")]
    name: String,
}

/// The first administrator and an API token.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Bootstrapped {
    /// The administrator.
    operator: OperatorView,
    /// The token; shown this once.
    token: TokenIssued,
}

/// Uses the one-time secret up: names the first administrator and gives them an API token.
#[utoipa::path(post, path = "/admin/v1/bootstrap", operation_id = "operator_bootstrap", tag = "operators",
    request_body = Bootstrap, responses((status = 201, description = "The first administrator", body = Bootstrapped)))]
pub(crate) async fn bootstrap(
    State(manager): State<Manager>,
    context: Context,
    Body(form): Body<Bootstrap>,
) -> Result<Response> {
    let author = Author { actor: Actor::System, context, call: None };
    manager.write(author, None, form, |change, form| Box::pin(first_operator(change, form))).await
}

async fn first_operator(change: &mut Change, form: Bootstrap) -> Result<Reply> {
    operators::check_name(&form.name)?;
    let hash = SecretHash::of(&Secret::new(form.secret));
    match change.unit.one_time_use(NAME, &hash, &form.name, change.now).await? {
        OneTime::Accepted => {}
        OneTime::Used => return Err(Code::BootstrapUsed.into()),
        OneTime::Wrong => return Err(Code::OperatorUnauthenticated.into()),
    }
    let operator = operators::add(change, form.name, Kind::Person, vec![Role::Admin]).await?;
    let token = operators::issue(change, &operator, "first token", Duration::from_secs(90 * 86_400)).await?;
    change.note("operator.bootstrapped", "operator", operator.id, json!({ "name": operator.name }));
    let location = format!("/admin/v1/operators/{}", operator.id);
    let generation = operator.generation;
    Ok(Reply::created(location, &Bootstrapped { operator: operator.into(), token })?.tagged(generation))
}
