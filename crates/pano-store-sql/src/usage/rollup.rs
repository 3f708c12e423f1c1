//! From records to counts.

use crate::Result;
use crate::row::number;
use pano_snapshot::AccessRecord;
use pano_store::usage::Totals;
use sea_query::Expr;
use std::collections::BTreeMap;

/// Hour, partner, app, api, version, operation, status: the columns of the key, as stored.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    hour: i64,
    partner: String,
    app: String,
    api: String,
    version: String,
    operation: String,
    status: u16,
}

/// Counts of a batch, by key. An app with a hundred operations makes few keys out of a thousand records.
pub(super) fn roll_up(records: &[AccessRecord]) -> BTreeMap<Key, Totals> {
    let mut lines: BTreeMap<Key, Totals> = BTreeMap::new();
    for record in records {
        let totals = lines.entry(key(record)).or_default();
        totals.requests += 1;
        totals.accepted += u64::from(record.accepted);
        totals.bytes_in = totals.bytes_in.saturating_add(record.bytes_in);
        totals.bytes_out = totals.bytes_out.saturating_add(record.bytes_out);
        totals.duration_us = totals.duration_us.saturating_add(record.duration_us);
    }
    lines
}

fn key(record: &AccessRecord) -> Key {
    fn text(id: Option<&impl ToString>) -> String {
        id.map(ToString::to_string).unwrap_or_default()
    }
    Key {
        hour: record.at.hour().unix_micros(),
        partner: text(record.partner.as_ref()),
        app: text(record.app.as_ref()),
        api: text(record.api.as_ref()),
        version: text(record.version.as_ref()),
        operation: text(record.operation.as_ref()),
        status: record.status,
    }
}

/// One row to insert.
pub(super) fn values(key: &Key, totals: &Totals) -> Result<[Expr; 12]> {
    Ok([
        key.hour.into(),
        key.partner.as_str().into(),
        key.app.as_str().into(),
        key.api.as_str().into(),
        key.version.as_str().into(),
        key.operation.as_str().into(),
        i64::from(key.status).into(),
        number(totals.requests)?.into(),
        number(totals.accepted)?.into(),
        number(totals.bytes_in)?.into(),
        number(totals.bytes_out)?.into(),
        number(totals.duration_us)?.into(),
    ])
}
