//! Who the sandbox's customers are to the authorization server: it asks whether name and password fit, and for the accounts
//! that a customer can let an app in on.
//!
//! A customer signs in with the name before the `@` of its mail address. All customers of a sandbox bank have the password
//! that the bank was started with: they are made up, and a partner must be able to be any of them. Checking it costs what
//! it costs a real bank, and the same whether there is such a customer or not.

use crate::call::{Answer, Call};
use crate::door::caller::Role;
use crate::failure::Error;
use crate::model::account::Purpose;
use crate::model::party::Party;
use crate::role::Bank;
use crate::rooms::words::masked;
use argon2::Argon2;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use pano_crypto::compare;
use pano_http::{Body, Failure, Path};
use pano_types::id::{PartnerId, PartyId};
use pano_types::{Code, Entropy, Localized, Problem, Secret};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;

/// Passwords checked at once; more wait. Each takes 19 MiB and tens of milliseconds of a core.
const CHECKS_MAX: usize = 2;
/// Longest name and password, bytes.
const FIELD_BYTES_MAX: usize = 128;

pub(crate) fn router() -> Router<Bank> {
    Router::new()
        .route("/internal/v1/partners/{partnerId}/customers/sign-in", post(sign_in))
        .route("/internal/v1/partners/{partnerId}/customers/{customerId}/accounts", get(accounts))
}

/// The customers' password, as Argon2id keeps it (RFC 9106; parameters of OWASP's first choice, the crate's default).
pub(crate) struct Password {
    plain: Secret,
    salt: [u8; 16],
    hash: OnceLock<Option<[u8; 32]>>,
    checks: Semaphore,
}

impl Password {
    pub(crate) fn new(plain: Secret, entropy: &dyn Entropy) -> Self {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        Self { plain, salt, hash: OnceLock::new(), checks: Semaphore::new(CHECKS_MAX) }
    }

    fn derive(&self, password: &Secret) -> Option<[u8; 32]> {
        let mut hash = [0; 32];
        // The value is needed to be hashed.
        Argon2::default().hash_password_into(password.expose().as_bytes(), &self.salt, &mut hash).ok()?;
        Some(hash)
    }

    /// Whether it is this one. Takes long.
    fn is(&self, given: &Secret) -> bool {
        let own = self.hash.get_or_init(|| self.derive(&self.plain));
        let (Some(own), Some(given)) = (own, self.derive(given)) else { return false };
        compare::equal(own, &given)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    login: String,
    password: String,
}

#[derive(Serialize, Deserialize)]
struct Customer {
    id: String,
    name: Localized,
}

#[derive(Serialize, Deserialize)]
struct Account {
    id: String,
    number: String,
    name: Localized,
    currency: String,
}

/// The customer, or `null`.
async fn sign_in(
    _: Role,
    State(bank): State<Bank>,
    Path(partner): Path<PartnerId>,
    Body(form): Body<SignIn>,
) -> Result<Json<Option<Customer>>, Failure> {
    if form.login.len() > FIELD_BYTES_MAX || form.password.len() > FIELD_BYTES_MAX {
        return Err(Problem::new(Code::RequestInvalid).error("/login", "at most 128 bytes each").into());
    }
    let password = Arc::clone(bank.password());
    let _turn = password.checks.acquire().await.map_err(Failure::internal)?;
    let (checked, given) = (Arc::clone(&password), Secret::new(form.password));
    let right = tokio::task::spawn_blocking(move || checked.is(&given)).await.map_err(Failure::internal)?;
    let mail = format!("{}@example.com", form.login);
    let work = Arc::new(move |call: &mut Call<'_>| {
        let found = call.world.all::<Party>().find(|party| party.email == mail);
        Answer::ok(&found.map(|party| Customer { id: party.id.to_string(), name: party.name.clone() }))
    });
    let answer = bank.vault().call(partner, "", work).await.map_err(Error::from)?;
    let found: Option<Customer> = serde_json::from_str(&answer.body).map_err(Error::broken)?;
    Ok(Json(found.filter(|_| right)))
}

/// The customer's current and savings accounts; none for who is no customer.
async fn accounts(
    _: Role,
    State(bank): State<Bank>,
    Path((partner, customer)): Path<(PartnerId, PartyId)>,
) -> Result<Json<Vec<Account>>, Failure> {
    let work = Arc::new(move |call: &mut Call<'_>| {
        let own = call.world.customers_accounts().filter(|standing| {
            standing.account.owner == Some(customer)
                && matches!(standing.account.purpose, Purpose::Current | Purpose::Savings)
        });
        let accounts: Vec<_> = own
            .map(|standing| Account {
                id: standing.account.id.to_string(),
                number: masked(&standing.account.number),
                name: standing.account.name.clone(),
                currency: standing.booked().currency().to_string(),
            })
            .collect();
        Answer::ok(&accounts)
    });
    let answer = bank.vault().call(partner, "", work).await.map_err(Error::from)?;
    Ok(Json(serde_json::from_str(&answer.body).map_err(Error::broken)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;

    #[test]
    fn only_the_password_itself_fits() {
        let password = Password::new(Secret::new("sandbox-2026".into()), &SeededEntropy::new(1));
        let is = |given: &str| password.is(&Secret::new(given.into()));
        assert!(is("sandbox-2026") && !is("sandbox-2027") && !is("") && !is("sandbox-2026 "));
    }
}
