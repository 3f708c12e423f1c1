//! Idempotency keys, and checks of the books.

use crate::Result;
use crate::StoreError;
use crate::dialect::sum;
use crate::executor::Unit;
use pano_ledger::AccountKind;
use pano_store::bank::{Answer, Claim, Discrepancy};
use pano_types::{Currency, Instant};
use sea_query::{Expr, ExprTrait as _, Func, OnConflict, Order, Query};

const KEYS: &str = "bank_idempotency";
const ACCOUNT: &str = "bank_account";

fn is_key(app: &str, key: &str) -> sea_query::Condition {
    sea_query::Condition::all().add(Expr::col("app").eq(app)).add(Expr::col("idem_key").eq(key))
}

/// The insert is the lock: a second request with the key waits for the first to end, then sees what it left.
pub(super) async fn claim(unit: &mut Unit, app: &str, key: &str, fingerprint: &str, now: Instant) -> Result<Claim> {
    let insert = Query::insert()
        .into_table(KEYS)
        .columns(["app", "idem_key", "fingerprint", "created_at"])
        .values_panic([app.into(), key.into(), fingerprint.into(), now.unix_micros().into()])
        .on_conflict(OnConflict::columns(["app", "idem_key"]).do_nothing().to_owned())
        .to_owned();
    if unit.run("bank_idempotency.claim", &insert).await? == 1 {
        return Ok(Claim::New);
    }
    let select = Query::select()
        .columns(["idem_key", "fingerprint", "status", "body"])
        .from(KEYS)
        .cond_where(is_key(app, key))
        .to_owned();
    let known = unit
        .one("bank_idempotency.one", &select, |row| {
            let status: Option<u16> = row.number_opt("status")?;
            Ok((row.text("fingerprint")?, status.zip(row.text_opt("body")?)))
        })
        .await?;
    Ok(match known {
        Some((known, _)) if known != fingerprint => Claim::Reused,
        Some((_, Some((status, body)))) => Claim::Replay(Answer { status, body }),
        // Pruned between the two statements: as good as still running, the caller will ask again.
        Some((_, None)) | None => Claim::InProgress,
    })
}

pub(super) async fn answer(unit: &mut Unit, app: &str, key: &str, answer: &Answer) -> Result<()> {
    let update = Query::update()
        .table(KEYS)
        .value("status", i64::from(answer.status))
        .value("body", answer.body.clone())
        .cond_where(is_key(app, key))
        .to_owned();
    unit.run_one("bank_idempotency.answer", &update, || StoreError::missing("idempotency key")).await
}

pub(super) async fn prune(unit: &mut Unit, before: Instant, limit: u32) -> Result<u64> {
    let old = Query::select()
        .columns(["app", "idem_key"])
        .from(KEYS)
        .and_where(Expr::col("created_at").lt(before.unix_micros()))
        .order_by("created_at", Order::Asc)
        .limit(u64::from(limit))
        .to_owned();
    let both = Expr::tuple([Expr::col("app"), Expr::col("idem_key")]);
    let delete = Query::delete().from_table(KEYS).and_where(both.in_subquery(old)).to_owned();
    unit.run("bank_idempotency.prune", &delete).await
}

pub(super) async fn trial(unit: &mut Unit) -> Result<Vec<(AccountKind, Currency, i64)>> {
    let select = Query::select()
        .columns(["kind", "currency"])
        .expr_as(sum("booked_minor"), "total")
        .from(ACCOUNT)
        .group_by_columns(["kind", "currency"])
        .order_by("currency", Order::Asc)
        .order_by("kind", Order::Asc)
        .to_owned();
    unit.all("bank_account.trial", &select, |row| {
        Ok((row.word("kind", AccountKind::from_code)?, row.parse("currency")?, row.i64("total")?))
    })
    .await
}

pub(super) async fn discrepancies(unit: &mut Unit) -> Result<Vec<Discrepancy>> {
    let posted = Query::select()
        .column("account_id")
        .expr_as(sum("change_minor"), "total")
        .from("bank_posting")
        .group_by_col("account_id")
        .to_owned();
    let held = Query::select()
        .column("account_id")
        .expr_as(sum("amount_minor"), "total")
        .from("bank_hold")
        .and_where(Expr::col("state").eq("active"))
        .group_by_col("account_id")
        .to_owned();
    let total = |of: &'static str| Expr::expr(Func::coalesce([Expr::col((of, "total")), Expr::val(0i64)]));
    let stored = |name: &'static str| Expr::col((ACCOUNT, name));
    let select = Query::select()
        .columns([(ACCOUNT, "id"), (ACCOUNT, "booked_minor"), (ACCOUNT, "held_minor")])
        .expr_as(total("posted"), "posted_minor")
        .expr_as(total("held"), "active_minor")
        .from(ACCOUNT)
        .join_subquery(
            sea_query::JoinType::LeftJoin,
            posted,
            "posted",
            Expr::col(("posted", "account_id")).equals((ACCOUNT, "id")),
        )
        .join_subquery(
            sea_query::JoinType::LeftJoin,
            held,
            "held",
            Expr::col(("held", "account_id")).equals((ACCOUNT, "id")),
        )
        .cond_where(
            sea_query::Condition::any()
                .add(stored("booked_minor").ne(total("posted")))
                .add(stored("held_minor").ne(total("held"))),
        )
        .order_by((ACCOUNT, "id"), Order::Asc)
        .limit(100)
        .to_owned();
    unit.all("bank_account.discrepancies", &select, |row| {
        Ok(Discrepancy {
            account: row.parse("id")?,
            booked_minor: row.i64("booked_minor")?,
            posted_minor: row.i64("posted_minor")?,
            held_minor: row.i64("held_minor")?,
            active_holds_minor: row.i64("active_minor")?,
        })
    })
    .await
}
