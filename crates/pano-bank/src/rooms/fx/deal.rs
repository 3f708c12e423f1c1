//! Quotes and exchanges: the entities, and how an exchange is booked.

use super::board::{self, Direction};
use super::quota;
use super::{BY_APP, BY_PARTY};
use crate::call::{Call, Refusal};
use crate::model::account;
use crate::model::limit::{self, Counts};
use crate::world::Entity;
use pano_ledger::Posting;
use pano_types::id::{AccountId, ExchangeId, ExchangeQuoteId, PartyId, TransactionId};
use pano_types::{Code, Currency, Date, Instant, Money};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// How long a quote holds.
const HOLDS: Duration = Duration::from_secs(120);
/// How long a quote that nobody used can still be read.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// What an exchange is for; all of the current account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Purpose {
    Travel,
    Study,
    Medical,
    FamilySupport,
    GoodsTrade,
    ServiceTrade,
    Salary,
    OtherCurrent,
}

/// A price that holds for a while.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Quote {
    pub(super) id: ExchangeQuoteId,
    pub(super) app: String,
    pub(super) direction: Direction,
    sell_minor: i64,
    sell_currency: Currency,
    buy_minor: i64,
    buy_currency: Currency,
    pub(super) rate_micro: i64,
    pub(super) quoted_at: Instant,
    pub(super) expires_at: Instant,
    #[serde(default)]
    pub(super) used_by: Option<ExchangeId>,
}

impl Quote {
    pub(super) const fn sell(&self) -> Money {
        Money::new(self.sell_minor, self.sell_currency)
    }
    pub(super) const fn buy(&self) -> Money {
        Money::new(self.buy_minor, self.buy_currency)
    }
    /// It holds until, and not at, its expiry.
    pub(super) fn is_expired(&self, now: Instant) -> bool {
        now >= self.expires_at
    }
}

impl Entity for Quote {
    const KIND: &'static str = "fx.quote";
    type Id = ExchangeQuoteId;
    fn id(&self) -> ExchangeQuoteId {
        self.id
    }
}

/// An exchange that was booked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Exchange {
    pub(super) id: ExchangeId,
    pub(super) app: String,
    pub(super) party: PartyId,
    pub(super) quote: ExchangeQuoteId,
    pub(super) direction: Direction,
    pub(super) debtor: AccountId,
    pub(super) creditor: AccountId,
    sold_minor: i64,
    sold_currency: Currency,
    bought_minor: i64,
    bought_currency: Currency,
    pub(super) rate_micro: i64,
    pub(super) purpose: Purpose,
    #[serde(default)]
    pub(super) quota_usd_minor: Option<i64>,
    pub(super) at: Instant,
    pub(super) value: Date,
    pub(super) transaction: TransactionId,
}

impl Exchange {
    pub(super) const fn sold(&self) -> Money {
        Money::new(self.sold_minor, self.sold_currency)
    }
    pub(super) const fn bought(&self) -> Money {
        Money::new(self.bought_minor, self.bought_currency)
    }
}

impl Entity for Exchange {
    const KIND: &'static str = "fx.exchange";
    type Id = ExchangeId;
    fn id(&self) -> ExchangeId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
        put(BY_PARTY, self.party.to_string());
    }
}

/// Quotes `fixed` of one side of the pair.
pub(super) fn quote(call: &mut Call<'_>, sell: Currency, buy: Currency, fixed: Money) -> Result<Quote, Refusal> {
    if fixed.currency() != sell && fixed.currency() != buy {
        return Err(Refusal::from(Code::CurrencyMismatch).at("/amount/currency", "must be one of both currencies"));
    }
    let has_rate = |currency| board::currencies().any(|known| known == currency);
    let is_pair = (sell == Currency::CNY && has_rate(buy)) || (buy == Currency::CNY && has_rate(sell));
    if !is_pair {
        let refusal = Refusal::from(Code::CurrencyMismatch);
        return Err(refusal.at("/buyCurrency", "one currency must be CNY, the other one with a rate"));
    }
    let now = call.now();
    let deal = board::deal(sell, buy, fixed, now);
    let deal =
        deal.ok_or_else(|| Refusal::from(Code::AmountInvalid).at("/amount/amount", "is too small or too large"))?;
    let quote = Quote {
        id: call.id(ExchangeQuoteId::new),
        app: call.app.to_owned(),
        direction: deal.direction,
        sell_minor: deal.sell.minor(),
        sell_currency: sell,
        buy_minor: deal.buy.minor(),
        buy_currency: buy,
        rate_micro: deal.rate_micro,
        quoted_at: now,
        expires_at: now.plus(HOLDS),
        used_by: None,
    };
    call.world.put(quote.clone());
    Ok(quote)
}

/// Books an exchange by `quote`, which still holds, between two accounts of `party` in its currencies.
pub(super) fn exchange(
    call: &mut Call<'_>,
    quote: &Quote,
    (debtor, creditor): (AccountId, AccountId),
    party: PartyId,
    purpose: Purpose,
) -> Result<Exchange, Refusal> {
    let (sold, bought) = (quote.sell(), quote.buy());
    let foreign = if sold.currency() == Currency::CNY { bought } else { sold };
    let quota_usd_minor = quota::take(call, party, quote.direction, foreign)?;
    let (leaving, reaching) = limits(call, debtor, creditor)?;
    call.world.may_leave(debtor, sold, leaving, "/debtorAccountId")?;
    call.world.may_reach(creditor, bought, reaching, "/creditorAccountId")?;
    let id = call.id(ExchangeId::new);
    let narrative = match quote.direction {
        Direction::Purchase => "购汇 Purchase of foreign currency",
        Direction::Settlement => "结汇 Settlement of foreign currency",
    };
    let transaction = book(call, narrative, id, (debtor, sold), (creditor, bought))?;
    let today = call.today();
    call.world.noted(debtor, today, sold.minor(), leaving);
    if reaching != Counts::Nothing {
        call.world.receive(creditor, today, bought.minor());
    }
    let exchange = Exchange {
        id,
        app: call.app.to_owned(),
        party,
        quote: quote.id,
        direction: quote.direction,
        debtor,
        creditor,
        sold_minor: sold.minor(),
        sold_currency: sold.currency(),
        bought_minor: bought.minor(),
        bought_currency: bought.currency(),
        rate_micro: quote.rate_micro,
        purpose,
        quota_usd_minor,
        at: call.now(),
        value: call.today(),
        transaction,
    };
    call.world.put(exchange.clone());
    call.world.edit::<Quote>(&quote.id, |quote| quote.used_by = Some(id));
    call.event("bank.exchange.settled", id, json!({ "direction": quote.direction }));
    Ok(exchange)
}

/// Which limits count for an exchange between two accounts of one owner: those of their classes.
fn limits(call: &Call<'_>, debtor: AccountId, creditor: AccountId) -> Result<(Counts, Counts), Refusal> {
    let debtor = call.world.payable(debtor, "/debtorAccountId")?;
    let creditor = call.world.payable(creditor, "/creditorAccountId")?;
    Ok(limit::between(debtor.account, creditor.account, Counts::Class))
}

/// Books an exchange: each currency balances against the bank's position in it (外汇买卖).
pub(crate) fn book(
    call: &mut Call<'_>,
    narrative: &str,
    about: impl ToString,
    (from, sold): (AccountId, Money),
    (to, bought): (AccountId, Money),
) -> Result<TransactionId, Refusal> {
    let takes = call.own(account::Purpose::FxPosition, sold.currency())?;
    let gives = call.own(account::Purpose::FxPosition, bought.currency())?;
    let postings = vec![
        Posting::debit(from, sold),
        Posting::credit(takes, sold),
        Posting::debit(gives, bought),
        Posting::credit(to, bought),
    ];
    call.post(narrative, about, postings)
}

/// In the evening: forgets quotes that expired unused a day ago.
pub(crate) fn forget(call: &mut Call<'_>, _: Date) -> Result<(), Refusal> {
    let before = call.now().minus(KEPT);
    // Ids sort by time, so what is old comes first.
    let old = call.world.all::<Quote>().take_while(|quote| quote.expires_at < before);
    let gone: Vec<_> = old.filter(|quote| quote.used_by.is_none()).map(|quote| quote.id).collect();
    for id in gone {
        call.world.remove::<Quote>(&id);
    }
    Ok(())
}
