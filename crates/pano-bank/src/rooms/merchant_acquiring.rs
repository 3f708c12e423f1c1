//! Merchant Acquiring: orders of merchants, their payment and refund, settlement on the next business day, reconciliation.

mod facility;
mod order;
mod refund;
mod settlement;

pub(crate) use order::lapse;
pub(crate) use settlement::settle;

use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::account::Purpose;
use crate::model::class::AccountClass;
use crate::model::limit::{Counts, Note};
use crate::model::party::Party;
use crate::seed::Seeding;
use crate::wire::Listed;
use crate::world::Kind;
use facility::{Merchant, MerchantView, Order, Refund, State, fee};
use pano_ledger::AccountStatus;
use pano_types::id::{MerchantId, MerchantOrderId};
use pano_types::{Currency, Money};
use serde::Deserialize;
use settlement::Settlement;
use std::time::Duration;

pub(crate) const ROOM: Room = Room {
    document: Document::new("merchant-acquiring", include_str!("../../openapi/merchant-acquiring.yaml")),
    operations: &[
        get("/merchants", "listMerchants", merchants),
        get("/orders", "listMerchantOrders", order::list),
        post("/orders", "initiateMerchantOrder", order::initiate).keyed(),
        get("/orders/{orderId}", "retrieveMerchantOrder", order::retrieve),
        post("/orders/{orderId}/payment", "payMerchantOrder", order::pay).keyed(),
        post("/orders/{orderId}/refunds", "refundMerchantOrder", refund::initiate).keyed(),
        post("/orders/{orderId}/closure", "closeMerchantOrder", order::close).keyed(),
        get("/settlements", "listMerchantSettlements", settlement::list),
        get("/settlements/{settlementId}/reconcile-file", "exportReconcileFile", settlement::export),
    ],
    kinds: &[Kind::of::<Merchant>(), Kind::of::<Order>(), Kind::of::<Refund>(), Kind::of::<Settlement>()],
    seed: Some(seed),
};

/// Name of the job that closes an order nobody paid.
pub(crate) const LAPSE: &str = "merchant_order.lapse";
const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

fn merchants(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let page = Input::page("merchants", query.cursor.as_deref(), query.limit)?;
    let all = call.world.all::<Merchant>();
    Answer::ok(&Listed::ascending("merchants", &page, all, |merchant| merchant.id.to_string(), MerchantView::from))
}

/// Every organisation with an account in CNY is a merchant; the first has sold something yesterday.
fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let call = &mut seeding.call;
    let accounts: Vec<_> = call
        .world
        .customers_accounts()
        .filter(|s| s.account.purpose == Purpose::Current && s.ledger.currency == Currency::CNY)
        .filter(|s| s.ledger.status == AccountStatus::Open)
        .filter_map(|s| Some((s.account.id, s.account.class, s.account.owner?)))
        .collect();
    let mut made = Vec::new();
    for (account, _, owner) in accounts.iter().filter(|(_, class, _)| *class == AccountClass::Business) {
        let Some(name) = call.world.get::<Party>(owner).map(|party| party.name.clone()) else { continue };
        let merchant = Merchant {
            id: call.id(MerchantId::new),
            party: *owner,
            // Caterers to begin with, then general merchandise: ISO 18245.
            category: if made.is_empty() { "5812" } else { "5399" }.to_owned(),
            name,
            account: *account,
            fee_ppm: 3_800,
        };
        made.push(merchant.id);
        call.world.put(merchant);
    }
    let payer = accounts.iter().find(|(_, class, _)| *class == AccountClass::I);
    let (Some(merchant), Some((payer, ..))) = (made.first().copied(), payer) else { return Ok(()) };
    let (now, payable) = (call.now(), call.own(Purpose::MerchantPayable, Currency::CNY)?);
    let yesterday = call.today().plus_days(-1);
    for (number, minor, subject) in
        [("SEED-1", 6_800, "牛肉面两份 Two bowls of noodles"), ("SEED-2", 3_600, "面一份 A bowl of noodles")]
    {
        let amount = Money::new(minor, Currency::CNY);
        let id = call.id(MerchantOrderId::new);
        let about = id.to_string();
        call.take(*payer, payable, amount, Counts::Nothing, Note { narrative: subject, about: &about, at: "" })?;
        call.world.put(Order {
            id,
            app: String::new(),
            merchant,
            number: number.to_owned(),
            state: State::Paid { payer: *payer, at: now.minus(DAY), day: yesterday },
            amount_minor: minor,
            refunded_minor: 0,
            fee_minor: fee(minor, 3_800),
            currency: Currency::CNY,
            subject: subject.to_owned(),
            settlement: None,
            expires_at: now.minus(DAY),
            created_at: now.minus(DAY),
        });
    }
    settlement::settle_day(call, merchant, yesterday)
}
