//! Amounts set aside on an account: those that apps ask for, and those of payments on their way.

use super::customers;
use crate::BANK_ZONE;
use crate::call::{Answer, Call, Input, Refusal};
use crate::rooms::payment_order;
use crate::wire::{Listed, Money};
use crate::world::Entity;
use pano_ledger::{AccountStatus, HoldState};
use pano_types::id::{AccountId, HoldId};
use pano_types::{Code, Date, Instant};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Name of the job that gives an amount back when its time is over.
pub(crate) const EXPIRE: &str = "hold.expire";
/// Longest time that an amount is held.
const DAYS_MAX: i32 = 30;
/// Index: the account.
const BY_ACCOUNT: &str = "account";

/// An amount that an app asked to be set aside. What the ledger says of it is its state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Block {
    pub(crate) hold: HoldId,
    pub(crate) account: AccountId,
    pub(crate) purpose: String,
    pub(crate) expires_on: Date,
}

impl Entity for Block {
    const KIND: &'static str = "account.block";
    type Id = HoldId;
    fn id(&self) -> HoldId {
        self.hold
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_ACCOUNT, self.account.to_string());
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

pub(super) fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let list = format!("holds/{}", input.path("accountId"));
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let account = customers(call, input)?.account.id;
    let asked = call.world.under::<Block>(BY_ACCOUNT, &account.to_string());
    let asked = asked.filter_map(|block| AmountBlock::new(call, block.hold, &block.purpose, Some(block.expires_on)));
    let waiting = payment_order::waiting(call.world, account);
    let waiting = waiting.filter_map(|(hold, purpose)| AmountBlock::new(call, hold, &purpose, None));
    let mut all: Vec<_> = asked.chain(waiting).collect();
    all.sort_unstable_by_key(|block| std::cmp::Reverse(block.hold_id));
    Answer::ok(&Listed::descending(&list, &page, all.into_iter(), |block| block.hold_id.to_string(), |block| block))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BlockRequest {
    amount: Money,
    purpose: String,
    expires_on: Date,
}

pub(super) fn initiate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: BlockRequest = input.body()?;
    crate::wire::text(&body.purpose, 100, "/purpose")?;
    let standing = customers(call, input)?;
    if standing.ledger.status != AccountStatus::Open {
        return Err(Code::AccountFrozen.into());
    }
    let (account, amount, today) = (standing.account.id, body.amount.positive("/amount")?, call.today());
    if body.expires_on < today || body.expires_on > today.plus_days(DAYS_MAX) {
        let reason = (format!("must be today or up to {DAYS_MAX} days later"), format!("须为今日至 {DAYS_MAX} 天之内"));
        return Err(Refusal::from(Code::RequestInvalid).at("/expiresOn", reason));
    }
    let hold = call.hold(account, amount)?;
    call.world.schedule(body.expires_on.plus_days(1).start(BANK_ZONE), EXPIRE, hold);
    call.world.put(Block { hold, account, purpose: body.purpose, expires_on: body.expires_on });
    call.event("bank.account.amount_held", hold, json!({ "holdId": hold }));
    let view = view(call, hold)?;
    Answer::json(201, &view)
}

pub(super) fn release(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let account = customers(call, input)?.account.id;
    let hold: HoldId = input.id("holdId", Code::NotFound)?;
    let block = call.world.get::<Block>(&hold).filter(|block| block.account == account).ok_or(Code::NotFound)?;
    let expires_at = block.expires_on.plus_days(1).start(BANK_ZONE);
    if call.world.book().hold(hold).is_none_or(|hold| hold.state != HoldState::Active) {
        return Err(Refusal::from(Code::LifecycleRefused).detail("the hold is RELEASED", "该冻结已解除"));
    }
    call.world.unschedule(expires_at, EXPIRE, hold);
    give_back(call, hold)?;
    Answer::ok(&view(call, hold)?)
}

/// Job: gives a held amount back when its last day is over.
pub(crate) fn expire(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let hold: HoldId = subject.parse().map_err(Refusal::broken)?;
    match call.world.book().hold(hold).map(|hold| hold.state) {
        Some(HoldState::Active) => give_back(call, hold),
        Some(HoldState::Captured { .. } | HoldState::Released { .. }) | None => Ok(()),
    }
}

fn give_back(call: &mut Call<'_>, hold: HoldId) -> Result<(), Refusal> {
    call.release(hold)?;
    call.event("bank.account.hold_released", hold, json!({ "holdId": hold }));
    Ok(())
}

fn view(call: &Call<'_>, hold: HoldId) -> Result<AmountBlock, Refusal> {
    let block = call.world.get::<Block>(&hold).ok_or(Code::NotFound)?;
    AmountBlock::new(call, hold, &block.purpose, Some(block.expires_on)).ok_or_else(|| Code::NotFound.into())
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AmountBlock {
    hold_id: HoldId,
    account_id: AccountId,
    amount: Money,
    state: &'static str,
    purpose: String,
    placed_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<Instant>,
}

impl AmountBlock {
    fn new(call: &Call<'_>, hold: HoldId, purpose: &str, expires_on: Option<Date>) -> Option<Self> {
        let hold = call.world.book().hold(hold)?;
        let (state, closed_at) = match hold.state {
            HoldState::Active => ("ACTIVE", None),
            HoldState::Captured { at, .. } => ("CAPTURED", Some(at)),
            HoldState::Released { at } => ("RELEASED", Some(at)),
        };
        Some(Self {
            hold_id: hold.id,
            account_id: hold.account,
            amount: hold.amount.into(),
            state,
            purpose: purpose.to_owned(),
            placed_at: hold.placed_at,
            expires_on,
            closed_at,
        })
    }
}
