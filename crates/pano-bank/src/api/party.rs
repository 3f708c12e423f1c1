//! Party Reference Data Directory.

use crate::caller::Caller;
use crate::failure::Error;
use crate::role::Bank;
use crate::wire::{Listed, PartyDetail, PartySummary};
use axum::Json;
use axum::extract::State;
use pano_http::{Failure, Path, Query, cursor};
use pano_store::bank::PartyKind;
use pano_types::Code;
use pano_types::id::PartyId;
use serde::Deserialize;

const LIST: &str = "parties";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListQuery {
    party_type: Option<PartyType>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum PartyType {
    Person,
    Organisation,
}

pub(super) async fn list(
    _: Caller,
    State(bank): State<Bank>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Listed<PartySummary>>, Failure> {
    let page = cursor::request(LIST, query.cursor.as_deref(), query.limit)?;
    let kind = query.party_type.map(|kind| match kind {
        PartyType::Person => PartyKind::Person,
        PartyType::Organisation => PartyKind::Organisation,
    });
    let mut unit = bank.store().read().await.map_err(Error::from)?;
    let parties = unit.bank_party_list(kind, &page).await.map_err(Error::from)?;
    Ok(Json(Listed::new(LIST, parties.map(PartySummary::from))))
}

pub(super) async fn retrieve(
    _: Caller,
    State(bank): State<Bank>,
    Path(id): Path<String>,
) -> Result<Json<PartyDetail>, Failure> {
    let id: PartyId = id.parse().map_err(|_| Code::PartyNotFound)?;
    let mut unit = bank.store().read().await.map_err(Error::from)?;
    let party = unit.bank_party(id).await.map_err(Error::from)?.ok_or(Code::PartyNotFound)?;
    Ok(Json(party.into()))
}
