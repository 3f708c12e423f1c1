//! The bank's own OpenAPI documents, as they are written, served and imported.

use crate::role::Bank;
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::CONTENT_TYPE;

/// One API of the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document {
    /// Short name; the bank serves the API's paths below `/{slug}/v1`.
    pub slug: &'static str,
    /// OpenAPI 3.1, YAML.
    pub text: &'static str,
}

impl Document {
    /// What stands before every path of the document: the prefix of the upstream's address.
    pub fn base_path(&self) -> String {
        format!("/{}/v1", self.slug)
    }
}

/// All of them.
pub const DOCUMENTS: &[Document] = &[
    Document { slug: "current-account", text: include_str!("../openapi/current-account.yaml") },
    Document {
        slug: "party-reference-data-directory",
        text: include_str!("../openapi/party-reference-data-directory.yaml"),
    },
    Document { slug: "payment-order", text: include_str!("../openapi/payment-order.yaml") },
];

/// `GET /openapi/{slug}.yaml`. Public, as contracts are.
pub(crate) fn router() -> Router<Bank> {
    DOCUMENTS.iter().fold(Router::new(), |router, document| {
        router.route(&format!("/openapi/{}.yaml", document.slug), get(|| async { answer(document) }))
    })
}

fn answer(document: &'static Document) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/yaml")], document.text)
}
