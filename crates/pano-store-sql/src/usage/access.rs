//! Access records as rows.

use crate::Result;
use crate::row::{Row, number};
use pano_snapshot::AccessRecord;
use pano_store::usage::Search;
use sea_query::{Cond, Expr, ExprTrait as _, InsertStatement, OnConflict, Query};

pub(super) const COLUMNS: [&str; 20] = [
    "id",
    "at",
    "trace_id",
    "client",
    "method",
    "route",
    "api",
    "version",
    "operation",
    "app",
    "partner",
    "subscription",
    "status",
    "code",
    "accepted",
    "bytes_in",
    "bytes_out",
    "duration_us",
    "upstream_us",
    "attempts",
];

/// Inserts records. Counting has happened by the cursor; here a repeated id changes nothing, so that one gateway's odd
/// record cannot hold up its log.
pub(super) fn access_insert(records: &[AccessRecord]) -> Result<InsertStatement> {
    let mut insert = Query::insert();
    insert.into_table("access_record").columns(COLUMNS);
    for record in records {
        insert.values_panic(values(record)?);
    }
    insert.on_conflict(OnConflict::column("id").do_nothing().to_owned());
    Ok(insert)
}

fn values(record: &AccessRecord) -> Result<[Expr; 20]> {
    Ok([
        record.id.as_str().into(),
        record.at.unix_micros().into(),
        record.trace_id.as_str().into(),
        record.client.as_str().into(),
        record.method.as_str().into(),
        record.route.as_deref().into(),
        record.api.map(|id| id.to_string()).into(),
        record.version.as_deref().into(),
        record.operation.as_deref().into(),
        record.app.map(|id| id.to_string()).into(),
        record.partner.map(|id| id.to_string()).into(),
        record.subscription.map(|id| id.to_string()).into(),
        i64::from(record.status).into(),
        record.code.as_deref().into(),
        record.accepted.into(),
        number(record.bytes_in)?.into(),
        number(record.bytes_out)?.into(),
        number(record.duration_us)?.into(),
        record.upstream_us.map(number).transpose()?.into(),
        i64::from(record.attempts).into(),
    ])
}

pub(super) fn search_condition(search: &Search) -> Cond {
    let mut all = Cond::all();
    if let Some(from) = search.from {
        all = all.add(Expr::col("at").gte(from.unix_micros()));
    }
    if let Some(until) = search.until {
        all = all.add(Expr::col("at").lt(until.unix_micros()));
    }
    let texts = [
        ("partner", search.partner.map(|id| id.to_string())),
        ("app", search.app.map(|id| id.to_string())),
        ("api", search.api.map(|id| id.to_string())),
        ("operation", search.operation.clone()),
        ("code", search.code.clone()),
        ("trace_id", search.trace_id.clone()),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            all = all.add(Expr::col(column).eq(text));
        }
    }
    if let Some(status) = search.status {
        all = all.add(Expr::col("status").eq(i64::from(status)));
    }
    all
}

pub(super) fn access_record(row: &Row) -> Result<AccessRecord> {
    Ok(AccessRecord {
        id: row.text("id")?,
        at: row.instant("at")?,
        trace_id: row.text("trace_id")?,
        client: row.text("client")?,
        method: row.text("method")?,
        route: row.text_opt("route")?,
        api: row.parse_opt("api")?,
        version: row.text_opt("version")?,
        operation: row.text_opt("operation")?,
        app: row.parse_opt("app")?,
        partner: row.parse_opt("partner")?,
        subscription: row.parse_opt("subscription")?,
        status: row.number("status")?,
        code: row.text_opt("code")?,
        accepted: row.bool("accepted")?,
        bytes_in: row.number("bytes_in")?,
        bytes_out: row.number("bytes_out")?,
        duration_us: row.number("duration_us")?,
        upstream_us: row.number_opt("upstream_us")?,
        attempts: row.number("attempts")?,
    })
}
