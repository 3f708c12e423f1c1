//! The bank's own OpenAPI documents, as they are written, served and imported.

use crate::role::Bank;
use crate::rooms::ROOMS;
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
    /// The document of a room.
    pub(crate) const fn new(slug: &'static str, text: &'static str) -> Self {
        Self { slug, text }
    }

    /// What stands before every path of the document: the prefix of the upstream's address.
    pub fn base_path(&self) -> String {
        format!("/{}/v1", self.slug)
    }
}

/// All of them, in the order of the rooms.
pub const DOCUMENTS: &[Document] = &of_rooms();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, and both arrays have one length")]
const fn of_rooms() -> [Document; ROOMS.len()] {
    let mut documents = [ROOMS[0].document; ROOMS.len()];
    let mut place = 0;
    while place < ROOMS.len() {
        documents[place] = ROOMS[place].document;
        place += 1;
    }
    documents
}

/// `GET /openapi/{slug}.yaml`. Public, as contracts are.
pub(crate) fn router() -> Router<Bank> {
    DOCUMENTS.iter().fold(Router::new(), |router, document| {
        router.route(&format!("/openapi/{}.yaml", document.slug), get(|| async { answer(document) }))
    })
}

fn answer(document: &'static Document) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/yaml")], document.text)
}
