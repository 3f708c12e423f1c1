//! Currency Exchange: rates, quotes that hold for a while, exchanges, and the annual quota of natural persons.

pub(crate) mod board;
mod deal;
pub(crate) mod quota;

pub(crate) use deal::forget;

use super::desk::{BY_APP, BY_PARTY, in_currency, owner, payee, payer, refused_now};
use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::wire::{Listed, Money};
use crate::world::Kind;
use board::{Direction, Quotation};
use deal::{Exchange, Purpose, Quote};
use pano_types::id::{AccountId, ExchangeId, ExchangeQuoteId, PartyId, TransactionId};
use pano_types::{Code, Currency, Date, Instant};
use serde::{Deserialize, Serialize};

pub(crate) const ROOM: Room = Room {
    document: Document::new("currency-exchange", include_str!("../../openapi/currency-exchange.yaml")),
    operations: &[
        get("/rates", "listExchangeRates", rates),
        get("/rates/{currency}/history", "listExchangeRateHistory", history),
        post("/quotes", "initiateExchangeQuote", quote).keyed(),
        get("/quotes/{quoteId}", "retrieveExchangeQuote", quoted),
        post("/exchanges", "initiateCurrencyExchange", exchange).keyed(),
        get("/exchanges", "listCurrencyExchanges", list),
        get("/exchanges/{exchangeId}", "retrieveCurrencyExchange", retrieve),
        get("/annual-quotas/{partyId}", "retrieveAnnualExchangeQuota", annual),
    ],
    kinds: &[Kind::of::<Quote>(), Kind::of::<Exchange>(), Kind::of::<quota::Used>()],
    seed: None,
};

const RATES: &str = "exchange-rates";
const EXCHANGES: &str = "exchanges";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RateQuery {
    currency: Option<Currency>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RateView {
    currency: Currency,
    bid: String,
    ask: String,
    mid: String,
    quoted_at: Instant,
}

impl From<Quotation> for RateView {
    fn from(rate: Quotation) -> Self {
        Self {
            currency: rate.currency,
            bid: board::text(rate.bid_micro),
            ask: board::text(rate.ask_micro),
            mid: board::text(rate.mid_micro),
            quoted_at: rate.since,
        }
    }
}

fn rates(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: RateQuery = input.query()?;
    let page = Input::page(RATES, query.cursor.as_deref(), query.limit)?;
    if query.currency.is_some_and(|wanted| !board::currencies().any(|known| known == wanted)) {
        return Err(Refusal::from(Code::RequestInvalid).at("currency", "has no rate"));
    }
    let now = call.now();
    let mut all: Vec<_> = board::currencies()
        .filter(|known| query.currency.is_none_or(|wanted| wanted == *known))
        .filter_map(|currency| board::quotation(currency, now))
        .collect();
    all.sort_by_key(|rate| rate.currency.code());
    let key = |rate: &Quotation| rate.currency.code().to_owned();
    Answer::ok(&Listed::ascending(RATES, &page, all.into_iter(), key, RateView::from))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct HistoryQuery {
    from_date: Option<Date>,
    to_date: Option<Date>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
struct ParityView {
    date: Date,
    mid: String,
}

/// Days of history that are shown when no first day is asked for.
const HISTORY_DAYS: i32 = 365;

fn history(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: HistoryQuery = input.query()?;
    let currency: Currency = input.id("currency", Code::NotFound)?;
    let list = format!("parities/{currency}");
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let (first, last) = super::desk::span(query.from_date, query.to_date, call.today(), HISTORY_DAYS)?;
    board::parity(currency, last).ok_or(Code::NotFound)?;
    let days = (first.unix_days()..=last.unix_days()).rev().filter_map(Date::from_unix_days);
    let view = |date: Date| ParityView { date, mid: board::text(board::parity(currency, date).unwrap_or_default()) };
    Answer::ok(&Listed::descending(&list, &page, days, Date::to_string, view))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct QuoteRequest {
    sell_currency: Currency,
    buy_currency: Currency,
    amount: Money,
}

fn quote(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: QuoteRequest = input.body()?;
    let fixed = body.amount.positive("/amount")?;
    let quote = deal::quote(call, body.sell_currency, body.buy_currency, fixed)?;
    Answer::created(format!("quotes/{}", quote.id), &QuoteView::new(&quote, call.now()))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct QuoteView {
    quote_id: ExchangeQuoteId,
    status: &'static str,
    direction: Direction,
    sell: Money,
    buy: Money,
    rate: String,
    quoted_at: Instant,
    expires_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange_id: Option<ExchangeId>,
}

impl QuoteView {
    fn new(quote: &Quote, now: Instant) -> Self {
        Self {
            quote_id: quote.id,
            status: match quote.used_by {
                Some(_) => "USED",
                None if quote.is_expired(now) => "EXPIRED",
                None => "OPEN",
            },
            direction: quote.direction,
            sell: quote.sell().into(),
            buy: quote.buy().into(),
            rate: board::text(quote.rate_micro),
            quoted_at: quote.quoted_at,
            expires_at: quote.expires_at,
            exchange_id: quote.used_by,
        }
    }
}

fn quoted(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id: ExchangeQuoteId = input.id("quoteId", Code::NotFound)?;
    let found = call.world.get::<Quote>(&id).filter(|quote| quote.app == call.app);
    Answer::ok(&QuoteView::new(found.ok_or(Code::NotFound)?, call.now()))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExchangeRequest {
    quote_id: ExchangeQuoteId,
    debtor_account_id: AccountId,
    creditor_account_id: AccountId,
    purpose: Purpose,
}

fn exchange(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: ExchangeRequest = input.body()?;
    let found = call.world.get::<Quote>(&body.quote_id).filter(|quote| quote.app == call.app).cloned();
    let quote = found.ok_or_else(|| Refusal::from(Code::NotFound).at("/quoteId", "names no quote of this app"))?;
    if quote.used_by.is_some() {
        return Err(refused_now("the quote has been used", "报价已使用"));
    }
    if quote.is_expired(call.now()) {
        return Err(refused_now("the quote has expired", "报价已过期"));
    }
    let debtor = payer(call, body.debtor_account_id, "/debtorAccountId")?;
    let creditor = payee(call, body.creditor_account_id, "/creditorAccountId")?;
    in_currency(quote.sell(), debtor.ledger.currency, "/debtorAccountId")?;
    in_currency(quote.buy(), creditor.ledger.currency, "/creditorAccountId")?;
    let party = owner(&debtor)?;
    if owner(&creditor)? != party {
        return Err(Refusal::from(Code::RequestInvalid).at("/creditorAccountId", "must be of the same customer"));
    }
    let exchange =
        deal::exchange(call, &quote, (body.debtor_account_id, body.creditor_account_id), party, body.purpose)?;
    Answer::created(format!("exchanges/{}", exchange.id), &ExchangeView::from(&exchange))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExchangeView {
    exchange_id: ExchangeId,
    quote_id: ExchangeQuoteId,
    direction: Direction,
    debtor_account_id: AccountId,
    creditor_account_id: AccountId,
    sold: Money,
    bought: Money,
    rate: String,
    purpose: Purpose,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota_used: Option<Money>,
    exchanged_at: Instant,
    value_date: Date,
    transaction_id: TransactionId,
}

impl From<&Exchange> for ExchangeView {
    fn from(exchange: &Exchange) -> Self {
        Self {
            exchange_id: exchange.id,
            quote_id: exchange.quote,
            direction: exchange.direction,
            debtor_account_id: exchange.debtor,
            creditor_account_id: exchange.creditor,
            sold: exchange.sold().into(),
            bought: exchange.bought().into(),
            rate: board::text(exchange.rate_micro),
            purpose: exchange.purpose,
            quota_used: exchange.quota_usd_minor.map(|minor| super::desk::money(minor, Currency::USD)),
            exchanged_at: exchange.at,
            value_date: exchange.value,
            transaction_id: exchange.transaction,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    party_id: Option<PartyId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(EXCHANGES, query.cursor.as_deref(), query.limit)?;
    let own = call.world.under::<Exchange>(BY_APP, call.app).rev();
    let wanted = own.filter(|exchange| query.party_id.is_none_or(|party| party == exchange.party));
    Answer::ok(&Listed::descending(EXCHANGES, &page, wanted, |exchange| exchange.id.to_string(), ExchangeView::from))
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id: ExchangeId = input.id("exchangeId", Code::NotFound)?;
    let found = call.world.get::<Exchange>(&id).filter(|exchange| exchange.app == call.app);
    Answer::ok(&ExchangeView::from(found.ok_or(Code::NotFound)?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuotaQuery {
    year: Option<i32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct QuotaView {
    party_id: PartyId,
    year: i32,
    purchase: LineView,
    settlement: LineView,
}

#[derive(Debug, Serialize)]
struct LineView {
    limit: Money,
    used: Money,
    remaining: Money,
}

fn annual(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: QuotaQuery = input.query()?;
    let party_id: PartyId = input.id("partyId", Code::PartyNotFound)?;
    let year = query.year.unwrap_or_else(|| call.today().parts().0);
    if !(2000..=2199).contains(&year) {
        return Err(Refusal::from(Code::RequestInvalid).at("year", "must be 2000 to 2199"));
    }
    let party = call.world.get::<crate::model::party::Party>(&party_id).ok_or(Code::PartyNotFound)?;
    if !quota::applies(party) {
        return Err(Refusal::from(Code::NotFound).detail("organisations have no such quota", "机构客户没有此额度"));
    }
    let line = |direction| {
        let used = quota::used(call.world, party_id, year, direction);
        let usd = |minor| super::desk::money(minor, Currency::USD);
        LineView { limit: usd(quota::LIMIT_USD_MINOR), used: usd(used), remaining: usd(quota::LIMIT_USD_MINOR - used) }
    };
    let (purchase, settlement) = (line(Direction::Purchase), line(Direction::Settlement));
    Answer::ok(&QuotaView { party_id, year, purchase, settlement })
}
