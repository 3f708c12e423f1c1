//! Operators and service accounts of the admin API, and their API tokens.

use crate::{Result, Store, meta::SecretHash};
use pano_types::id::{OperatorId, TokenId};
use pano_types::{Instant, Page, PageRequest, Role, Secret};
use std::time::Duration;

/// How much later a use of a token must be to be noted anew.
pub const NOTED_EVERY: Duration = Duration::from_secs(60);

/// Who stands behind an operator entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A human being. Maker and checker are two of these.
    Person,
    /// A program: another role of Panorama, a pipeline.
    Service,
}

impl Kind {
    /// The word for it in the store and on the wire.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Service => "service",
        }
    }
    /// The kind with this word.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Person, Self::Service].into_iter().find(|kind| kind.text() == text)
    }
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its id.
    pub id: OperatorId,
    /// Its name, unique.
    pub name: String,
    /// Person or program.
    pub kind: Kind,
    /// What it may do.
    pub roles: Vec<Role>,
    /// Since when it exists.
    pub created_at: Instant,
    /// Since when it may do nothing.
    pub disabled_at: Option<Instant>,
    /// Grows with every update.
    pub generation: u64,
}

/// An API token, without the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub operator: OperatorId,
    /// What its owner calls it.
    pub label: String,
    /// Since when it exists.
    pub created_at: Instant,
    /// From when it is refused.
    pub expires_at: Option<Instant>,
    /// When it was last used, to the minute. Saved before the call is answered, so that a kill loses nothing of it.
    pub last_used_at: Option<Instant>,
    /// Since when it is refused.
    pub revoked_at: Option<Instant>,
}

impl Token {
    /// Whether it opens anything at `now`.
    pub fn is_live(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| now < at)
    }
}

/// The enabled operator behind the secret of a live token. The use is noted before this returns; that it was used matters less
/// than the call, so a failure to note it is only logged.
///
/// # Errors
/// When the store cannot be read.
pub async fn authenticate(store: &dyn Store, secret: &Secret, now: Instant) -> Result<Option<Operator>> {
    let found = store.read().await?.operator_token_find(&SecretHash::of(secret)).await?;
    let live = found.filter(|(token, operator)| token.is_live(now) && operator.disabled_at.is_none());
    let Some((token, operator)) = live else { return Ok(None) };
    if token.last_used_at.is_none_or(|at| now.since(at) >= NOTED_EVERY)
        && let Err(error) = touch(store, token.id, now).await
    {
        tracing::warn!(%error, "use of a token not noted");
    }
    Ok(Some(operator))
}

async fn touch(store: &dyn Store, token: TokenId, now: Instant) -> Result<()> {
    let mut unit = store.begin().await?;
    unit.operator_token_touch(token, now).await?;
    unit.save().await
}

/// Operators and tokens.
#[async_trait::async_trait]
pub trait OperatorRepository: Send {
    /// Adds an operator, at generation 1 whatever it says. `Conflict` when the name is taken.
    async fn operator_add(&mut self, operator: &Operator) -> Result<()>;

    /// The operator with this id.
    async fn operator_lookup(&mut self, id: OperatorId) -> Result<Option<Operator>>;

    /// The operator with this name.
    async fn operator_by_name(&mut self, name: &str) -> Result<Option<Operator>>;

    /// Operators by id. The page's key is the id.
    async fn operator_page(&mut self, page: &PageRequest) -> Result<Page<Operator>>;

    /// Writes name, roles and `disabled_at`, if the stored generation is the one given; the new generation.
    /// `Stale` when it is another, `Missing` when there is no such operator.
    async fn operator_update(&mut self, operator: &Operator) -> Result<u64>;

    /// Adds a token of an operator.
    async fn operator_token_add(&mut self, token: &Token, hash: &SecretHash) -> Result<()>;

    /// The token with this hash and its operator; live or not is for the caller to judge ([`Token::is_live`]).
    async fn operator_token_find(&mut self, hash: &SecretHash) -> Result<Option<(Token, Operator)>>;

    /// An operator's tokens, at most 200, oldest first.
    async fn operator_tokens(&mut self, operator: OperatorId) -> Result<Vec<Token>>;

    /// Notes a use, unless one was noted in the last minute. So a busy token costs one write a minute.
    async fn operator_token_touch(&mut self, id: TokenId, now: Instant) -> Result<()>;

    /// Ends a token; again is no error. `Missing` when there is none.
    async fn operator_token_revoke(&mut self, id: TokenId, now: Instant) -> Result<()>;
}
