//! Orders: subscriptions and redemptions, cancelled or confirmed at T+1 by the net asset value of T.

use super::holding::Holding;
use super::suitability;
use super::value::{self, CURRENCY, Lot, Product};
use crate::BANK_ZONE;
use crate::call::{Call, Refusal};
use crate::model::account::Purpose;
use crate::model::calendar;
use crate::model::limit::{Counts, Note};
use crate::model::party::{Party, PartyKind};
use crate::rooms::desk::{BY_APP, BY_PARTY, of_day, owner, payee, payer};
use crate::seed::Seeding;
use crate::world::Entity;
use pano_ledger::{AccountStatus, Posting};
use pano_types::id::{AccountId, InvestmentOrderId, PartyId, TransactionId};
use pano_types::{Code, Date, Instant, Money};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// Orders until this hour belong to the day.
const CUT_OFF: Duration = Duration::from_secs(15 * 3600);
/// Index: orders waiting to be confirmed.
const WAITING: &str = "waiting";
/// Name of the job that ends the time to think an order over.
pub(crate) const COOLED: &str = "investment order cooled off";

/// Which way units go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Side {
    Subscription,
    Redemption,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State {
    CoolingOff,
    Accepted,
    Confirmed,
    Cancelled,
}

/// What a confirmation came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Done {
    pub(super) on: Date,
    pub(super) nav: i64,
    pub(super) fee_minor: i64,
    pub(super) net_minor: i64,
    #[serde(default)]
    pub(super) transaction: Option<TransactionId>,
}

/// An order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(super) id: InvestmentOrderId,
    pub(super) app: String,
    pub(super) side: Side,
    pub(super) state: State,
    pub(super) party: PartyId,
    pub(super) account: AccountId,
    pub(super) product: String,
    /// Of a subscription.
    pub(super) amount_minor: i64,
    /// Hundredths; of a subscription once it is confirmed.
    pub(super) units: i64,
    #[serde(default)]
    pub(super) cooling_until: Option<Instant>,
    /// T.
    pub(super) trade: Date,
    pub(super) at: Instant,
    #[serde(default)]
    pub(super) done: Option<Done>,
    #[serde(default)]
    pub(super) cancelled_at: Option<Instant>,
}

impl Order {
    /// T+1.
    pub(super) fn confirmation(&self) -> Date {
        calendar::trading_day(self.trade.plus_days(1))
    }
    fn product(&self) -> Result<&'static Product, Refusal> {
        Product::find(&self.product).ok_or_else(|| Refusal::broken("an order for a product that is gone"))
    }
}

impl Entity for Order {
    const KIND: &'static str = "fund.order";
    type Id = InvestmentOrderId;
    fn id(&self) -> InvestmentOrderId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
        put(BY_PARTY, self.party.to_string());
        if self.state == State::Accepted {
            put(WAITING, String::new());
        }
    }
}

/// The trading day of an order at `now`.
pub(super) fn trade_day(now: Instant) -> Date {
    let today = Date::of(now, BANK_ZONE);
    let is_late = now >= today.start(BANK_ZONE).plus(CUT_OFF);
    calendar::trading_day(if is_late { today.plus_days(1) } else { today })
}

/// Whether an accepted order may still be taken back.
pub(super) fn is_before_cut_off(order: &Order, now: Instant) -> bool {
    now < order.trade.start(BANK_ZONE).plus(CUT_OFF)
}

/// Orders units for an amount, which leaves the account at once.
pub(super) fn subscribe(
    call: &mut Call<'_>,
    product: &'static Product,
    account: AccountId,
    amount_minor: i64,
) -> Result<Order, Refusal> {
    let party = owner(&payer(call, account, "/accountId")?)?;
    if amount_minor < product.minimum_minor {
        let reason = format!("must be at least {}", Money::new(product.minimum_minor, CURRENCY));
        return Err(Refusal::from(Code::AmountInvalid).at("/amount/amount", reason));
    }
    suitability::check(call, party, product)?;
    let id = call.id(InvestmentOrderId::new);
    let settlement = call.own(Purpose::FundSettlement, CURRENCY)?;
    let narrative = format!("申购 Subscription {}", product.code);
    let note = Note { narrative: &narrative, about: &id.to_string(), at: "/accountId" };
    call.take(account, settlement, Money::new(amount_minor, CURRENCY), Counts::Class, note)?;
    let now = call.now();
    let hours = u64::from(product.cooling_hours);
    let cooling_until = (hours > 0).then(|| now.plus(Duration::from_secs(hours * 3600)));
    let order = Order {
        id,
        app: call.app.to_owned(),
        side: Side::Subscription,
        state: if cooling_until.is_some() { State::CoolingOff } else { State::Accepted },
        party,
        account,
        product: product.code.to_owned(),
        amount_minor,
        units: 0,
        cooling_until,
        trade: trade_day(cooling_until.unwrap_or(now)),
        at: now,
        done: None,
        cancelled_at: None,
    };
    if let Some(until) = cooling_until {
        call.world.schedule(until, COOLED, id);
    }
    call.world.put(order.clone());
    call.event("bank.investment.ordered", id, json!({ "orderType": order.side, "productCode": product.code }));
    Ok(order)
}

/// When the time to think it over has passed: the order waits for its trading day.
pub(crate) fn cooled(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let id: InvestmentOrderId = subject.parse().map_err(Refusal::broken)?;
    let is_cooling = call.world.get::<Order>(&id).is_some_and(|order| order.state == State::CoolingOff);
    if is_cooling {
        call.world.edit::<Order>(&id, |order| order.state = State::Accepted);
    }
    Ok(())
}

/// Orders units back.
pub(super) fn redeem(
    call: &mut Call<'_>,
    product: &'static Product,
    account: AccountId,
    units: i64,
) -> Result<Order, Refusal> {
    let standing = payee(call, account, "/accountId")?;
    crate::rooms::desk::in_currency(Money::zero(CURRENCY), standing.ledger.currency, "/accountId")?;
    let party = owner(&standing)?;
    let now = call.now();
    let trade = trade_day(now);
    let mut holding = Holding::of(call.world, party, product);
    let free = holding.redeemable(product, trade);
    if units > free {
        let (en, zh) = (value::units_text(free), value::units_text(free));
        let refusal = Refusal::from(Code::InsufficientFunds).at("/units", "is more than can be redeemed");
        return Err(refusal.detail(format!("units that can be redeemed: {en}"), format!("可赎回份额：{zh}")));
    }
    holding.reserved += units;
    call.world.put(holding);
    let order = Order {
        id: call.id(InvestmentOrderId::new),
        app: call.app.to_owned(),
        side: Side::Redemption,
        state: State::Accepted,
        party,
        account,
        product: product.code.to_owned(),
        amount_minor: 0,
        units,
        cooling_until: None,
        trade,
        at: now,
        done: None,
        cancelled_at: None,
    };
    call.world.put(order.clone());
    call.event("bank.investment.ordered", order.id, json!({ "orderType": order.side, "productCode": product.code }));
    Ok(order)
}

/// Takes an order back: money or units return.
pub(super) fn cancel(call: &mut Call<'_>, mut order: Order, why: serde_json::Value) -> Result<Order, Refusal> {
    let product = order.product()?;
    match order.side {
        Side::Subscription => {
            let settlement = call.own(Purpose::FundSettlement, CURRENCY)?;
            let narrative = format!("撤销申购 Subscription cancelled {}", product.code);
            let (amount, about) = (Money::new(order.amount_minor, CURRENCY), order.id.to_string());
            let note = Note { narrative: &narrative, about: &about, at: "/accountId" };
            call.give(settlement, order.account, amount, Counts::Nothing, note)?;
            call.world.noted(order.account, Date::of(order.at, BANK_ZONE), -order.amount_minor, Counts::Class);
        }
        Side::Redemption => {
            let mut holding = Holding::of(call.world, order.party, product);
            holding.reserved -= order.units;
            call.world.put(holding);
        }
    }
    if let Some(until) = order.cooling_until {
        call.world.unschedule(until, COOLED, order.id);
    }
    order.state = State::Cancelled;
    order.cancelled_at = Some(call.now());
    call.world.put(order.clone());
    call.event("bank.investment.cancelled", order.id, why);
    Ok(order)
}

/// In the evening: orders whose T+1 has come are confirmed.
pub(crate) fn confirm(call: &mut Call<'_>, day: Date) -> Result<(), Refusal> {
    let waiting = call.world.under::<Order>(WAITING, "").filter(|order| order.confirmation() <= day);
    let waiting: Vec<_> = waiting.cloned().collect();
    for order in waiting {
        call.each("confirm investment order", order.id, |call| match order.side {
            Side::Subscription => confirm_subscription(call, order, day),
            Side::Redemption => confirm_redemption(call, order, day),
        });
    }
    Ok(())
}

fn large() -> Refusal {
    Refusal::broken("an order out of range")
}

fn confirm_subscription(call: &mut Call<'_>, mut order: Order, day: Date) -> Result<(), Refusal> {
    let product = order.product()?;
    let (nav, of) = (product.nav(order.trade), |minor| Money::new(minor, CURRENCY));
    let (net_minor, fee_minor) = product.net(order.amount_minor).ok_or_else(large)?;
    order.units = value::units(net_minor, nav).ok_or_else(large)?;
    let settlement = call.own(Purpose::FundSettlement, CURRENCY)?;
    let mut postings = vec![Posting::debit(settlement, of(order.amount_minor))];
    // What is invested leaves for the fund's custodian.
    if net_minor > 0 {
        postings.push(Posting::credit(call.own(Purpose::Nostro, CURRENCY)?, of(net_minor)));
    }
    if fee_minor > 0 {
        postings.push(Posting::credit(call.own(Purpose::FeeIncome, CURRENCY)?, of(fee_minor)));
    }
    let booking = of_day(call, day, "申购确认 Subscription confirmed", order.id);
    let transaction = Some(call.post_as(booking, postings)?);
    let mut holding = Holding::of(call.world, order.party, product);
    if order.units > 0 {
        holding.lots.push(Lot { since: day, units: order.units, cost_minor: order.amount_minor });
    }
    call.world.put(holding);
    finish(call, order, Done { on: day, nav, fee_minor, net_minor, transaction });
    Ok(())
}

fn confirm_redemption(call: &mut Call<'_>, mut order: Order, day: Date) -> Result<(), Refusal> {
    let product = order.product()?;
    let (nav, of) = (product.nav(order.trade), |minor| Money::new(minor, CURRENCY));
    let mut holding = Holding::of(call.world, order.party, product);
    let redeemed = value::redeem(product, &holding.lots, order.units, nav, day).ok_or_else(large)?;
    holding.lots = redeemed.left;
    holding.reserved -= order.units;
    call.world.put(holding);
    let net_minor = redeemed.gross_minor - redeemed.fee_minor;
    let mut postings = Vec::new();
    if net_minor > 0 {
        // What a closed account cannot take in waits to be claimed.
        let open = call.world.standing(order.account).is_some_and(|s| s.ledger.status != AccountStatus::Closed);
        let to = if open { order.account } else { call.own(Purpose::Suspense, CURRENCY)? };
        postings.push(Posting::credit(to, of(net_minor)));
    }
    if redeemed.fee_minor > 0 {
        postings.push(Posting::credit(call.own(Purpose::FeeIncome, CURRENCY)?, of(redeemed.fee_minor)));
    }
    let mut transaction = None;
    // A few hundredths of a unit may be worth nothing.
    if redeemed.gross_minor > 0 {
        postings.push(Posting::debit(call.own(Purpose::Nostro, CURRENCY)?, of(redeemed.gross_minor)));
        let booking = of_day(call, day, "赎回到账 Redemption paid", order.id);
        transaction = Some(call.post_as(booking, postings)?);
    }
    order.amount_minor = redeemed.gross_minor;
    finish(call, order, Done { on: day, nav, fee_minor: redeemed.fee_minor, net_minor, transaction });
    Ok(())
}

fn finish(call: &mut Call<'_>, mut order: Order, done: Done) {
    order.state = State::Confirmed;
    order.done = Some(done);
    let (id, side, product) = (order.id, order.side, order.product.clone());
    call.world.put(order);
    call.event("bank.investment.confirmed", id, json!({ "orderType": side, "productCode": product }));
}

/// Persons with money to spare begin assessed, and hold units that they bought elsewhere half a year ago and had moved here.
pub(super) fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let call = &mut seeding.call;
    let rich = call.world.customers_accounts().filter(|standing| {
        let owner = standing.account.owner.and_then(|owner| call.world.get::<Party>(&owner));
        standing.account.purpose == Purpose::Current
            && standing.ledger.currency == CURRENCY
            && standing.ledger.status == AccountStatus::Open
            && standing.spendable().minor() >= 5_000_000
            && owner.is_some_and(|owner| owner.kind == PartyKind::Person)
    });
    let rich: Vec<_> = rich.filter_map(|standing| standing.account.owner).take(2).collect();
    let product = Product::find("PF0003").ok_or_else(|| Refusal::broken("the product of the seed is gone"))?;
    let bought = calendar::trading_day(call.today().plus_months(-6));
    for party in rich {
        suitability::assess(
            call,
            party,
            &[("Q1", "B"), ("Q2", "C"), ("Q3", "C"), ("Q4", "C"), ("Q5", "C"), ("Q6", "C")],
        )?;
        let amount_minor = 1_000_000;
        let (net_minor, _) = product.net(amount_minor).ok_or_else(large)?;
        let units = value::units(net_minor, product.nav(bought)).ok_or_else(large)?;
        let mut holding = Holding::of(call.world, party, product);
        holding.lots.push(Lot { since: bought, units, cost_minor: amount_minor });
        call.world.put(holding);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_cannot_be_confirmed_does_not_stop_the_others() {
        use crate::seed::{self, Scenario};
        let now = Instant::parse("2026-03-02T02:15:00Z").unwrap();
        let (mut world, _) = seed::build(Scenario::Everyone, seed::DEFAULT, now).unwrap();
        let mut call = Call::new(&mut world, "app", 7);
        let holding = call.world.all::<Holding>().next().unwrap().clone();
        let mut accounts = call.world.customers_accounts();
        let account = accounts.find(|standing| standing.account.owner == Some(holding.party)).unwrap().account.id;
        drop(accounts);
        let product = Product::find(&holding.product).unwrap();
        let good: Vec<_> = (0..2).map(|_| redeem(&mut call, product, account, 100).unwrap().id).collect();
        let gone = Order {
            id: call.id(InvestmentOrderId::new),
            product: "GONE".to_owned(),
            ..call.world.get::<Order>(&good[0]).unwrap().clone()
        };
        let bad = gone.id;
        call.world.put(gone);
        call.world.keep().unwrap();
        let day = call.today().plus_days(10);
        confirm(&mut call, day).unwrap();
        let state = |id: &InvestmentOrderId| call.world.get::<Order>(id).unwrap().state;
        assert_eq!(good.iter().map(state).collect::<Vec<_>>(), [State::Confirmed, State::Confirmed]);
        assert_eq!(state(&bad), State::Accepted);
        assert_eq!(call.world.all::<crate::world::clock::Failure>().count(), 1);
    }

    #[test]
    fn the_trading_day_turns_at_three_and_skips_holidays() {
        for (now, trade) in [
            ("2026-03-02T06:59:59Z", "2026-03-02"),
            ("2026-03-02T07:00:00Z", "2026-03-03"),
            ("2026-03-06T07:00:00Z", "2026-03-09"),
            ("2026-02-28T02:00:00Z", "2026-03-02"),
            ("2026-02-13T08:00:00Z", "2026-02-24"),
        ] {
            assert_eq!(trade_day(Instant::parse(now).unwrap()).to_string(), trade, "{now}");
        }
    }
}
