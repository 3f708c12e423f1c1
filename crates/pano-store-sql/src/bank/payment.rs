//! Payments.

use super::account::json;
use super::day;
use crate::Result;
use crate::dialect::sum;
use crate::executor::Unit;
use crate::row::Row;
use pano_store::bank::{Clearing, Counterparty, Payment, PaymentKind, PaymentState};
use pano_types::id::{AccountId, PaymentId};
use pano_types::{Date, Money, Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};
use serde::{Deserialize, Serialize};

const PAYMENT: &str = "bank_payment";
const ACCEPTED: &str = "accepted";
const SETTLED: &str = "settled";
const REJECTED: &str = "rejected";

/// What of a payment is only read as a whole.
#[derive(Serialize, Deserialize)]
struct Body {
    counterparty_name: String,
    counterparty_account: String,
    counterparty_bank: Option<String>,
    end_to_end_id: String,
    remittance: String,
}

const COLUMNS: [&str; 16] = [
    "id",
    "app",
    "kind",
    "state",
    "debtor_id",
    "creditor_id",
    "amount_minor",
    "currency",
    "clearing",
    "booking_day",
    "ordered_at",
    "hold_id",
    "transaction_id",
    "ended_at",
    "reason",
    "body",
];

/// The state's columns: word, hold, transaction, end, reason.
type StateColumns = (&'static str, Option<String>, Option<String>, Option<i64>, Option<String>);

fn state_columns(state: &PaymentState) -> StateColumns {
    match state {
        PaymentState::Accepted { hold } => (ACCEPTED, Some(hold.to_string()), None, None, None),
        PaymentState::Settled { by, at } => (SETTLED, None, Some(by.to_string()), Some(at.unix_micros()), None),
        PaymentState::Rejected { reason, at } => (REJECTED, None, None, Some(at.unix_micros()), Some(reason.clone())),
    }
}

pub(super) async fn add(unit: &mut Unit, payment: &Payment) -> Result<()> {
    let (state, hold, transaction, ended_at, reason) = state_columns(&payment.state);
    let body = json(&Body {
        counterparty_name: payment.counterparty.name.clone(),
        counterparty_account: payment.counterparty.account_number.clone(),
        counterparty_bank: payment.counterparty.bank_code.clone(),
        end_to_end_id: payment.end_to_end_id.clone(),
        remittance: payment.remittance.clone(),
    })?;
    let insert = Query::insert()
        .into_table(PAYMENT)
        .columns(COLUMNS)
        .values_panic([
            payment.id.to_string().into(),
            payment.app.clone().into(),
            payment.kind.code().into(),
            state.into(),
            payment.debtor.to_string().into(),
            payment.creditor.map(|id| id.to_string()).into(),
            payment.amount.minor().into(),
            payment.amount.currency().code().into(),
            payment.clearing.code().into(),
            i64::from(payment.booking_day.unix_days()).into(),
            payment.ordered_at.unix_micros().into(),
            hold.into(),
            transaction.into(),
            ended_at.into(),
            reason.into(),
            body.into(),
        ])
        .to_owned();
    unit.run("bank_payment.add", &insert).await.map(|_| ())
}

fn select() -> SelectStatement {
    Query::select().columns(COLUMNS).from(PAYMENT).to_owned()
}

fn read(row: &Row) -> Result<Payment> {
    let body: Body = row.json("body")?;
    Ok(Payment {
        id: row.parse("id")?,
        app: row.text("app")?,
        kind: row.word("kind", PaymentKind::from_code)?,
        state: read_state(row)?,
        debtor: row.parse("debtor_id")?,
        creditor: row.parse_opt("creditor_id")?,
        counterparty: Counterparty {
            name: body.counterparty_name,
            account_number: body.counterparty_account,
            bank_code: body.counterparty_bank,
        },
        amount: Money::new(row.i64("amount_minor")?, row.parse("currency")?),
        clearing: row.word("clearing", Clearing::from_code)?,
        end_to_end_id: body.end_to_end_id,
        remittance: body.remittance,
        booking_day: day(row, "booking_day")?,
        ordered_at: row.instant("ordered_at")?,
    })
}

fn read_state(row: &Row) -> Result<PaymentState> {
    let missing = |column: &str| row.corrupt(column, "missing");
    let at = || row.instant_opt("ended_at")?.ok_or_else(|| missing("ended_at"));
    match row.text("state")?.as_str() {
        ACCEPTED => Ok(PaymentState::Accepted { hold: row.parse_opt("hold_id")?.ok_or_else(|| missing("hold_id"))? }),
        SETTLED => {
            let by = row.parse_opt("transaction_id")?.ok_or_else(|| missing("transaction_id"))?;
            Ok(PaymentState::Settled { by, at: at()? })
        }
        REJECTED => {
            let reason = row.text_opt("reason")?.ok_or_else(|| missing("reason"))?;
            Ok(PaymentState::Rejected { reason, at: at()? })
        }
        _ => Err(row.corrupt("state", "not a word of this column")),
    }
}

pub(super) async fn one(unit: &mut Unit, id: PaymentId) -> Result<Option<Payment>> {
    let select = select().and_where(Expr::col("id").eq(id.to_string())).to_owned();
    unit.one("bank_payment.one", &select, read).await
}

pub(super) async fn finish(unit: &mut Unit, id: PaymentId, state: &PaymentState) -> Result<bool> {
    let (word, _, transaction, ended_at, reason) = state_columns(state);
    let update = Query::update()
        .table(PAYMENT)
        .value("state", word)
        .value("transaction_id", transaction)
        .value("ended_at", ended_at)
        .value("reason", reason)
        .and_where(Expr::col("id").eq(id.to_string()))
        .and_where(Expr::col("state").eq(ACCEPTED))
        .to_owned();
    Ok(unit.run("bank_payment.finish", &update).await? == 1)
}

pub(super) async fn list(
    unit: &mut Unit,
    app: &str,
    debtor: Option<AccountId>,
    page: &PageRequest,
) -> Result<Page<Payment>> {
    let select = select()
        .and_where(Expr::col("app").eq(app))
        .and_where_option(debtor.map(|debtor| Expr::col("debtor_id").eq(debtor.to_string())))
        .and_where_option(page.after().map(|after| Expr::col("id").lt(after)))
        .order_by("id", Order::Desc)
        .limit(u64::from(page.limit()) + 1)
        .to_owned();
    let rows = unit.all("bank_payment.list", &select, read).await?;
    Ok(Page::from_rows(rows, page, |payment| payment.id.to_string()))
}

pub(super) async fn waiting(unit: &mut Unit, limit: u32) -> Result<Vec<Payment>> {
    let select = select()
        .and_where(Expr::col("state").eq(ACCEPTED))
        .order_by("id", Order::Asc)
        .limit(u64::from(limit))
        .to_owned();
    unit.all("bank_payment.waiting", &select, read).await
}

pub(super) async fn day_total(unit: &mut Unit, debtor: AccountId, day: Date) -> Result<i64> {
    let select = Query::select()
        .expr_as(sum("amount_minor"), "total")
        .from(PAYMENT)
        .and_where(Expr::col("debtor_id").eq(debtor.to_string()))
        .and_where(Expr::col("booking_day").eq(i64::from(day.unix_days())))
        .and_where(Expr::col("state").ne(REJECTED))
        .to_owned();
    Ok(unit.one("bank_payment.day_total", &select, |row| row.i64("total")).await?.unwrap_or(0))
}
