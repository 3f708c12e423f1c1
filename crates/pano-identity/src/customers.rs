//! The bank's customers, as far as this role must know them: who signs in, and which accounts a customer can choose.
//!
//! Customers are the bank's, not ours: nothing of them is kept here but what a consent says. The bank answers over HTTP, like
//! any other role; behind the trait may stand any bank.

use pano_http::{Client, ClientError};
use pano_types::id::PartnerId;
use pano_types::{Localized, Secret};
use serde::{Deserialize, Serialize};

/// Longest identifier of a customer or account, bytes.
const ID_BYTES_MAX: usize = 64;

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Identifier; becomes the `sub` of tokens.
    pub id: String,
    /// Name on pages.
    pub name: Localized,
}

/// An account of a customer, as it may be shown on a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Identifier.
    pub id: String,
    /// Its number, masked.
    pub number: String,
    /// What kind of account.
    pub name: Localized,
    /// ISO 4217.
    pub currency: String,
}

/// Why the bank did not answer.
#[derive(Debug, thiserror::Error)]
pub enum CustomersError {
    /// It cannot be asked at the moment.
    #[error("the bank cannot be asked")]
    Unreachable(#[from] ClientError),
    /// What it answered cannot be.
    #[error("the bank answered with an identifier that is none")]
    Identifier,
}

/// The way to a bank's customers. `partner` says in whose sandbox.
#[async_trait::async_trait]
pub trait Customers: Send + Sync {
    /// The customer with this name and password; `None` when there is none, or the password is another.
    async fn sign_in(
        &self,
        partner: PartnerId,
        login: &str,
        password: &Secret,
    ) -> Result<Option<Customer>, CustomersError>;

    /// The customer's accounts that an app can be let in on.
    async fn accounts(&self, partner: PartnerId, customer: &str) -> Result<Vec<Account>, CustomersError>;
}

/// A bank that is asked over HTTP, as the sandbox bank is.
pub struct BankCustomers(Client);

impl BankCustomers {
    /// Asks the bank at `base` with this role's credential.
    ///
    /// # Errors
    /// When `base` is no address.
    pub fn new(base: &str, credential: Secret) -> Result<Self, ClientError> {
        Ok(Self(Client::new(base)?.bearer(credential).timeout(std::time::Duration::from_secs(5))))
    }
}

#[derive(Serialize)]
struct SignIn<'a> {
    login: &'a str,
    password: &'a str,
}

#[async_trait::async_trait]
impl Customers for BankCustomers {
    async fn sign_in(
        &self,
        partner: PartnerId,
        login: &str,
        password: &Secret,
    ) -> Result<Option<Customer>, CustomersError> {
        // The password goes to who can check it, and nowhere else.
        let form = SignIn { login, password: password.expose() };
        let path = format!("/internal/v1/partners/{partner}/customers/sign-in");
        let found: Option<Customer> = self.0.post(&path, &form).await?;
        match found {
            Some(customer) if is_id(&customer.id) => Ok(Some(customer)),
            Some(_) => Err(CustomersError::Identifier),
            None => Ok(None),
        }
    }

    async fn accounts(&self, partner: PartnerId, customer: &str) -> Result<Vec<Account>, CustomersError> {
        let path = format!("/internal/v1/partners/{partner}/customers/{customer}/accounts");
        let accounts: Vec<Account> = self.0.get(&path).await?;
        if accounts.iter().all(|account| is_id(&account.id)) { Ok(accounts) } else { Err(CustomersError::Identifier) }
    }
}

/// 1 to 64 letters, digits, `_` and `-`: an identifier goes into tokens, headers and forms as it is.
fn is_id(id: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_plain() {
        assert!(is_id("pty_01ARZ3NDEKTSV4RRFFQ69G5FAV") && !is_id("") && !is_id("a b") && !is_id("a\r\nb"));
        assert!(!is_id("../x") && !is_id(&"a".repeat(65)));
    }
}
