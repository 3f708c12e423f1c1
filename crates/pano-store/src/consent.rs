//! Consents, the requests that lead to them, and customers' sign-ins.
//!
//! What opens a door (a `request_uri`, a code, a refresh token, a cookie) is kept as its digest only.

use crate::Result;
use crate::meta::SecretHash;
use pano_oauth::{Consent, Pushed};
use pano_types::id::{AppId, ConsentId, PartnerId};
use pano_types::{Instant, Localized, Page, PageRequest};

/// Which consents a list holds. Absent: any.
#[derive(Debug, Clone, Default)]
pub struct ConsentFilter {
    /// Given to this app.
    pub app: Option<AppId>,
    /// Given to an app of this partner.
    pub partner: Option<PartnerId>,
    /// By this customer.
    pub customer: Option<String>,
    /// In this state, by its name.
    pub state: Option<String>,
}

/// A customer who has signed in with one browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Whose sandbox the customer is in.
    pub partner: PartnerId,
    /// The customer, as the bank knows it.
    pub customer: String,
    /// Name on pages.
    pub name: Localized,
    /// When.
    pub at: Instant,
    /// Until when it counts.
    pub expires_at: Instant,
}

/// What a sweep may forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentSweep {
    /// Now: sign-ins that have ended are forgotten.
    pub now: Instant,
    /// Requests that ended before this instant are forgotten, and with them consents that nobody decided on.
    pub requests_before: Instant,
    /// Most rows of each kind.
    pub limit: u32,
}

/// Consents, the requests that lead to them, and customers' sign-ins.
///
/// `consent_update` names the generation that was read (the struct's own) and stores the next one;
/// [`crate::StoreError::Stale`] when another came first.
#[async_trait::async_trait]
pub trait ConsentRepository: Send {
    /// Adds a consent that waits for its customer, with the request that was pushed for it.
    async fn consent_add(&mut self, consent: &Consent, uri: &SecretHash, pushed: &Pushed) -> Result<()>;
    /// Changes a consent.
    async fn consent_update(&mut self, consent: &Consent) -> Result<()>;
    /// A consent.
    async fn consent_by_id(&mut self, id: ConsentId) -> Result<Option<Consent>>;
    /// The consent that a refresh token hangs on.
    async fn consent_by_refresh(&mut self, token: &SecretHash) -> Result<Option<Consent>>;
    /// Gives a consent its refresh token, in place of one that it had.
    async fn consent_refresh_put(&mut self, id: ConsentId, token: &SecretHash) -> Result<()>;
    /// A page of consents, newest first.
    async fn consent_list(&mut self, filter: &ConsentFilter, page: &PageRequest) -> Result<Page<Consent>>;
    /// Consents that were in force and ended at or after `since`, by id: those that tokens may still name.
    async fn consent_ended(&mut self, since: Instant) -> Result<Vec<(ConsentId, Instant)>>;
    /// Consents in force whose time is over at `now`, the longest overdue first.
    async fn consent_due(&mut self, now: Instant, limit: u32) -> Result<Vec<Consent>>;

    /// What was pushed under this `request_uri`, and its consent.
    async fn pushed_by_uri(&mut self, uri: &SecretHash) -> Result<Option<(Pushed, Consent)>>;
    /// What was answered with this code, and its consent. Locked until the unit ends.
    async fn pushed_by_code(&mut self, code: &SecretHash) -> Result<Option<(Pushed, Consent)>>;
    /// Binds a pushed request to the browser that opened it, or on from the one in `from`; whether it stood there.
    async fn pushed_open(
        &mut self,
        uri: &SecretHash,
        from: Option<&str>,
        browser: &str,
        expires_at: Instant,
    ) -> Result<bool>;
    /// Answers a pushed request with a code; whether it had none.
    async fn pushed_code_put(&mut self, uri: &SecretHash, code: &SecretHash, expires_at: Instant) -> Result<bool>;
    /// Uses a code up: `true` for exactly one caller.
    async fn pushed_code_use(&mut self, code: &SecretHash, now: Instant) -> Result<bool>;

    /// Keeps a sign-in under its cookie.
    async fn sign_in_add(&mut self, cookie: &SecretHash, sign_in: &SignIn) -> Result<()>;
    /// The sign-in under a cookie, whether it still counts or not.
    async fn sign_in_find(&mut self, cookie: &SecretHash) -> Result<Option<SignIn>>;
    /// Ends a sign-in; whether there was one.
    async fn sign_in_end(&mut self, cookie: &SecretHash) -> Result<bool>;

    /// Forgets what nobody needs any more; how many rows.
    async fn consent_sweep(&mut self, sweep: ConsentSweep) -> Result<u64>;
}
