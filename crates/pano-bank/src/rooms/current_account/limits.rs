//! Limits of an account, and what is used of them.

use super::customers;
use crate::call::{Answer, Call, Input, Refusal};
use crate::model::account::{BankAccount, Standing};
use crate::model::class::{AccountClass, ClassRule, Flow};
use crate::wire::Money;
use pano_ledger::AccountStatus;
use pano_types::id::AccountId;
use pano_types::{Code, Currency, Date};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(super) fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id = customers(call, input)?.account.id;
    answer(call, id)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Update {
    per_payment: Option<Money>,
    per_day: Option<Money>,
}

pub(super) fn update(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: Update = input.body()?;
    let standing = customers(call, input)?;
    if body.per_payment.is_none() && body.per_day.is_none() {
        return Err(Refusal::from(Code::RequestInvalid).at("", ("names nothing to change", "未指明要修改的内容")));
    }
    if standing.ledger.status != AccountStatus::Open {
        return Err(Code::AccountFrozen.into());
    }
    let rule = call.world.class_rule(standing.account.class);
    let (id, currency, mut limits) = (standing.account.id, standing.ledger.currency, standing.account.limits);
    if let Some(wanted) = &body.per_payment {
        limits.payment_minor = at_most(wanted, "/perPayment", currency, rule.payment_max_minor)?;
    }
    if let Some(wanted) = &body.per_day {
        limits.day_minor = at_most(wanted, "/perDay", currency, rule.day_max_minor)?;
    }
    if limits.payment_minor > limits.day_minor {
        return Err(Refusal::from(Code::LimitExceeded).detail("one payment is over a day", "单笔限额高于日累计限额"));
    }
    call.world.edit::<BankAccount>(&id, |account| account.limits = limits);
    call.event("bank.account.limits_changed", id, json!({ "accountId": id }));
    answer(call, id)
}

fn at_most(wanted: &Money, at: &str, currency: Currency, max: i64) -> Result<i64, Refusal> {
    let money = wanted.positive(at)?;
    if money.currency() != currency {
        return Err(Refusal::from(Code::CurrencyMismatch)
            .at(format!("{at}/currency"), ("is not that of the account", "与账户币种不一致")));
    }
    if money.minor() > max {
        let max = pano_types::Money::new(max, currency);
        let refusal = Refusal::from(Code::LimitExceeded)
            .at(format!("{at}/amount"), ("is over what the class allows", "超过该类账户允许的限额"));
        return Err(refusal.detail(format!("class limit: {max}"), format!("该类账户最高限额：{max}")));
    }
    Ok(money.minor())
}

fn answer(call: &Call<'_>, id: AccountId) -> Result<Answer, Refusal> {
    let standing = call.world.customers(id).ok_or(Code::AccountNotFound)?;
    let rule = call.world.class_rule(standing.account.class);
    Answer::ok(&AccountLimits::new(&standing, &rule, &call.world.flow(id, call.today())))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountLimits {
    account_id: AccountId,
    account_class: AccountClass,
    as_of: Date,
    per_payment: Money,
    outgoing: LimitUse,
    #[serde(skip_serializing_if = "Option::is_none")]
    incoming: Option<LimitUse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance_max: Option<Money>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LimitUse {
    per_day: Money,
    used_today: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_year: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_this_year: Option<Money>,
}

impl AccountLimits {
    fn new(standing: &Standing<'_>, rule: &ClassRule, flow: &Flow) -> Self {
        let (account, currency) = (standing.account, standing.ledger.currency);
        let money = |minor| Money::from(pano_types::Money::new(minor, currency));
        let counted = |day: i64, used: i64, year: Option<i64>, used_year: i64| LimitUse {
            per_day: money(day),
            used_today: money(used),
            per_year: year.map(money),
            used_this_year: year.map(|_| money(used_year)),
        };
        let (out, year) = (flow.out_day_minor, flow.out_year_minor);
        let incoming = rule.in_day_minor;
        Self {
            account_id: account.id,
            account_class: account.class,
            as_of: flow.day,
            per_payment: money(account.limits.payment_minor),
            outgoing: counted(account.limits.day_minor, out, rule.year_minor, year),
            incoming: incoming.map(|day| counted(day, flow.in_day_minor, rule.in_year_minor, flow.in_year_minor)),
            balance_max: rule.balance_minor.map(money),
        }
    }
}
