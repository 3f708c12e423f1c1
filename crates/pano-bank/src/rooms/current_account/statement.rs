//! Statements of months that have ended, as JSON and as camt.053.

use super::customers;
use super::wire::AccountTransaction;
use crate::BANK_ZONE;
use crate::call::{Answer, Call, Input, Refusal};
use crate::iso20022::camt053::{self, Line};
use crate::model::account::{BankAccount, Standing};
use crate::model::party::Party;
use crate::rooms::payment_order::OWN_BANK_CODE;
use crate::wire::{Listed, Money};
use crate::world::World;
use pano_ledger::{Entry, Side};
use pano_types::id::AccountId;
use pano_types::{Code, Currency, Date, Instant, Localized};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

const LIST: &str = "statements";
/// Most entries on a page of camt.053.
const PAGE_ENTRIES: usize = 1_000;

/// A calendar month. Text form `2026-02`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Month {
    first: Date,
}

impl Month {
    fn of(day: Date) -> Self {
        let (.., of_month) = day.parts();
        Self { first: day.plus_days(1 - i32::from(of_month)) }
    }
    fn parse(text: &str) -> Option<Self> {
        Date::parse(&format!("{text}-01")).map(|first| Self { first })
    }
    fn next(self) -> Self {
        Self { first: self.first.plus_months(1) }
    }
    fn last(self) -> Date {
        self.next().first.plus_days(-1)
    }
}

impl Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, _) = self.first.parts();
        write!(f, "{year:04}-{month:02}")
    }
}

/// What a month did to an account, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Totals {
    opening: i64,
    credits: (usize, i64),
    debits: (usize, i64),
}

impl Totals {
    const fn closing(&self) -> i64 {
        self.opening.saturating_add(self.credits.1).saturating_sub(self.debits.1)
    }
}

/// The months of an account that have ended, with what they did. What is booked for a day counts for it, whenever it is booked.
fn months(world: &World, account: &BankAccount) -> BTreeMap<Month, Totals> {
    let mut found: BTreeMap<Month, Totals> = BTreeMap::new();
    let (mut month, closed_on) = (Month::of(account.opened_on), world.closed_on());
    let first = world.book().entry(account.id, 1).map(|entry| Month::of(entry.transaction.booked_on()));
    month = first.map_or(month, |first| first.min(month));
    while month.last() <= closed_on {
        found.insert(month, Totals::default());
        month = month.next();
    }
    for entry in world.book().entries(account.id) {
        let Some(totals) = found.get_mut(&Month::of(entry.transaction.booked_on())) else { continue };
        let minor = entry.posting.amount().minor();
        let (count, sum) = if entry.posting.side() == Side::Credit { &mut totals.credits } else { &mut totals.debits };
        *count += 1;
        *sum = sum.saturating_add(minor);
    }
    let mut balance = 0;
    for totals in found.values_mut() {
        totals.opening = balance;
        balance = totals.closing();
    }
    found
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

pub(super) fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let list = format!("{LIST}/{}", input.path("accountId"));
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let standing = customers(call, input)?;
    let (id, currency) = (standing.account.id, standing.ledger.currency);
    // Before the account was opened there is nothing to state.
    let months = months(call.world, standing.account);
    let view = |(month, totals)| Statement::new(id, currency, month, &totals);
    Answer::ok(&Listed::descending(&list, &page, months.into_iter().rev(), |(month, _)| month.to_string(), view))
}

/// The statement that the path names.
fn named<'c>(call: &'c Call<'_>, input: &Input) -> Result<(Standing<'c>, Month, Totals), Refusal> {
    let standing = customers(call, input)?;
    let month = Month::parse(input.path("statementId")).ok_or(Code::NotFound)?;
    let totals = months(call.world, standing.account).get(&month).copied().ok_or(Code::NotFound)?;
    Ok((standing, month, totals))
}

fn entries<'c>(call: &'c Call<'_>, account: AccountId, month: Month) -> impl Iterator<Item = Entry<'c>> {
    call.world.book().entries(account).filter(move |entry| Month::of(entry.transaction.booked_on()) == month)
}

pub(super) fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let list = format!("{LIST}/{}/{}", input.path("accountId"), input.path("statementId"));
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let (standing, month, totals) = named(call, input)?;
    let account = standing.account.id;
    let key = |entry: &Entry<'_>| format!("{:012}", entry.seq);
    let entries = Listed::ascending(&list, &page, entries(call, account, month), key, AccountTransaction::from);
    let statement = Statement::new(account, standing.ledger.currency, month, &totals);
    Answer::ok(&StatementDetail { statement, entries })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExportQuery {
    #[serde(default = "first_page")]
    page: u32,
}

const fn first_page() -> u32 {
    1
}

pub(super) fn export(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let ExportQuery { page } = input.query()?;
    let (standing, month, totals) = named(call, input)?;
    let (account, currency) = (standing.account, standing.ledger.currency);
    let pages =
        u32::try_from((totals.credits.0 + totals.debits.0).div_ceil(PAGE_ENTRIES).max(1)).map_err(Refusal::broken)?;
    if page == 0 || page > pages {
        return Err(Refusal::from(Code::RequestInvalid).at("page", Localized::between(1, pages)));
    }
    let owner = account.owner.and_then(|owner| call.world.get::<Party>(&owner));
    let skip = (page as usize - 1) * PAGE_ENTRIES;
    let entries: Vec<_> = entries(call, account.id, month).skip(skip).take(PAGE_ENTRIES).collect();
    let references: Vec<_> = entries.iter().map(|entry| entry.transaction.id().to_string()).collect();
    let lines = entries.iter().zip(&references).map(|(entry, reference)| Line {
        number: entry.seq,
        is_credit: entry.posting.side() == Side::Credit,
        amount: entry.posting.amount(),
        booked_on: entry.transaction.booked_on(),
        value_date: entry.transaction.value_date(),
        reference,
        narrative: entry.transaction.narrative(),
    });
    let money = |minor| pano_types::Money::new(minor, currency);
    let next = month.next().first.start(BANK_ZONE);
    let text = camt053::write(&camt053::Page {
        message_id: &format!("{}-{month}-{page}", account.number),
        created_at: call.now(),
        statement_id: &month.to_string(),
        number: page,
        is_last: page == pages,
        from: month.first,
        to: month.last(),
        from_at: month.first.start(BANK_ZONE),
        to_at: next.minus(Duration::from_secs(1)),
        account_number: &account.number,
        owner: owner.map(|owner| owner.name.zh.as_str()),
        bank_code: OWN_BANK_CODE,
        opening: money(totals.opening),
        closing: money(totals.closing()),
        credits: (totals.credits.0, money(totals.credits.1)),
        debits: (totals.debits.0, money(totals.debits.1)),
        entries: lines.collect(),
    });
    Ok(Answer::text("application/xml", text.map_err(Refusal::broken)?))
}

#[derive(Debug, Serialize)]
struct StatementDetail {
    statement: Statement,
    #[serde(flatten)]
    entries: Listed<AccountTransaction>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    statement_id: String,
    account_id: AccountId,
    from_date: Date,
    to_date: Date,
    opening_balance: Money,
    closing_balance: Money,
    credit_count: usize,
    credit_total: Money,
    debit_count: usize,
    debit_total: Money,
    created_at: Instant,
}

impl Statement {
    fn new(account_id: AccountId, currency: Currency, month: Month, totals: &Totals) -> Self {
        let money = |minor| pano_types::Money::new(minor, currency).into();
        Self {
            statement_id: month.to_string(),
            account_id,
            from_date: month.first,
            to_date: month.last(),
            opening_balance: money(totals.opening),
            closing_balance: money(totals.closing()),
            credit_count: totals.credits.0,
            credit_total: money(totals.credits.1),
            debit_count: totals.debits.0,
            debit_total: money(totals.debits.1),
            created_at: month.next().first.start(BANK_ZONE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_and_end_as_in_the_calendar() {
        let day = |text| Date::parse(text).unwrap();
        let month = Month::of(day("2024-02-29"));
        assert_eq!(
            (month.first, month.last(), month.to_string()),
            (day("2024-02-01"), day("2024-02-29"), "2024-02".into())
        );
        assert_eq!(Month::of(day("2025-12-31")).next(), Month::parse("2026-01").unwrap());
        for bad in ["", "2026-13", "2026-1", "2026-01-01", "x"] {
            assert_eq!(Month::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_closes_a_month_opens_the_next() {
        let totals = Totals { opening: 100, credits: (2, 50), debits: (1, 30) };
        assert_eq!(totals.closing(), 120);
    }
}
