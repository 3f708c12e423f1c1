//! The bank's APIs. One file per document; the table below is what the documents promise.

mod account;
mod party;
mod payment;

use crate::role::Bank;
use axum::Router;
use axum::routing::{MethodRouter, get, post};

/// A served operation: slug of its document, path template there, method, handler.
type Route = (&'static str, &'static str, &'static str, fn() -> MethodRouter<Bank>);

/// Every operation that is served. A test compares it with the documents, both ways.
const ROUTES: &[Route] = &[
    ("party-reference-data-directory", "/parties", "get", || get(party::list)),
    ("party-reference-data-directory", "/parties/{partyId}", "get", || get(party::retrieve)),
    ("current-account", "/accounts", "get", || get(account::list)),
    ("current-account", "/accounts/{accountId}", "get", || get(account::retrieve)),
    ("current-account", "/accounts/{accountId}/balances", "get", || get(account::balances)),
    ("current-account", "/accounts/{accountId}/transactions", "get", || get(account::transactions)),
    ("current-account", "/accounts/{accountId}/transactions/{entryNumber}", "get", || get(account::transaction)),
    ("payment-order", "/internal-transfers", "post", || post(payment::internal)),
    ("payment-order", "/domestic-payments", "post", || post(payment::domestic)),
    ("payment-order", "/payments", "get", || get(payment::list)),
    ("payment-order", "/payments/{paymentId}", "get", || get(payment::retrieve)),
    ("payment-order", "/payments/{paymentId}/status", "get", || get(payment::status)),
];

pub(crate) fn router() -> Router<Bank> {
    ROUTES
        .iter()
        .fold(Router::new(), |router, (slug, path, _, handler)| router.route(&format!("/{slug}/v1{path}"), handler()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DOCUMENTS;
    use pano_spec::Document;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_documented_is_served_and_the_other_way_round() {
        let served: BTreeSet<_> =
            ROUTES.iter().map(|(slug, path, method, _)| format!("{slug} {} {path}", method.to_uppercase())).collect();
        let mut documented = BTreeSet::new();
        for ours in DOCUMENTS {
            let document = Document::read(ours.text.as_bytes()).unwrap();
            for operation in document.operations() {
                documented.insert(format!("{} {} {}", ours.slug, operation.method, operation.path));
            }
        }
        assert_eq!(served, documented);
    }
}
