//! Opening accounts: classes II and III bound to a class I account, and further currencies of class I.

use super::wire::Account;
use crate::call::{Answer, Call, Input, Refusal};
use crate::model::account::{BankAccount, Limits, Purpose};
use crate::model::class::{AccountClass, BOUND_ACCOUNTS_MAX};
use crate::model::party::{Party, PartyKind};
use crate::seed::number;
use pano_ledger::AccountStatus;
use pano_types::id::{AccountId, PartyId};
use pano_types::{Code, Currency, Entropy, Localized};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AccountRequest {
    owner_party_id: PartyId,
    account_class: AccountClass,
    currency: Currency,
    bound_account_id: Option<AccountId>,
}

pub(super) fn open(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: AccountRequest = input.body()?;
    let owner = person(call, body.owner_party_id)?;
    call.world.identity_verified(owner)?;
    match body.account_class {
        AccountClass::I => further_currency(call, owner, &body)?,
        AccountClass::Ii | AccountClass::Iii => bound(call, owner, &body)?,
        AccountClass::Business => return Err(invalid("/accountClass", ("must be I, II or III", "须为 I、II 或 III"))),
    }
    let rule = call.world.class_rule(body.account_class);
    let account = BankAccount {
        id: call.id(AccountId::new),
        purpose: Purpose::Current,
        number: free_number(call)?,
        name: name(body.account_class, body.currency),
        owner: Some(owner),
        class: body.account_class,
        bound_to: body.bound_account_id,
        limits: Limits { payment_minor: rule.payment_minor, day_minor: rule.day_minor },
        opened_on: call.today(),
    };
    let id = account.id;
    call.open(account, body.currency, Some(0))?;
    call.event("bank.account.opened", id, json!({ "accountId": id, "accountClass": body.account_class }));
    let opened = call.world.standing(id).ok_or_else(|| Refusal::broken("the account just opened is gone"))?;
    Answer::created(format!("accounts/{id}"), &Account::from(opened))
}

fn invalid(at: &str, reason: (&str, &str)) -> Refusal {
    Refusal::from(Code::RequestInvalid).at(at, reason)
}

/// The party, if it is a person.
pub(crate) fn person(call: &Call<'_>, id: PartyId) -> Result<PartyId, Refusal> {
    let unknown = || Refusal::from(Code::PartyNotFound).at("/ownerPartyId", ("names no party", "没有对应的客户"));
    let party = call.world.get::<Party>(&id).ok_or_else(unknown)?;
    if party.kind == PartyKind::Person {
        Ok(id)
    } else {
        Err(invalid("/ownerPartyId", ("must be a person", "须为个人客户")))
    }
}

/// A person's open current accounts of a class.
fn held(call: &Call<'_>, owner: PartyId, class: AccountClass) -> impl Iterator<Item = Currency> {
    let accounts = call.world.under::<BankAccount>("owner", &owner.to_string());
    let accounts = accounts.filter(move |account| account.purpose == Purpose::Current && account.class == class);
    let standing = accounts.filter_map(|account| call.world.standing(account.id));
    standing.filter(|standing| standing.ledger.status != AccountStatus::Closed).map(|standing| standing.ledger.currency)
}

fn further_currency(call: &Call<'_>, owner: PartyId, body: &AccountRequest) -> Result<(), Refusal> {
    if body.bound_account_id.is_some() {
        return Err(invalid("/boundAccountId", ("a class I account is bound to none", "一类户不绑定账户")));
    }
    if held(call, owner, AccountClass::I).any(|currency| currency == body.currency) {
        let refusal =
            Refusal::from(Code::Conflict).at("/currency", ("there is a class I account in it", "该币种已有一类户"));
        return Err(
            refusal.detail("a person has one class I account in each currency", "每位客户每个币种限开一个一类户")
        );
    }
    Ok(())
}

fn bound(call: &Call<'_>, owner: PartyId, body: &AccountRequest) -> Result<(), Refusal> {
    if body.currency != Currency::CNY {
        return Err(Refusal::from(Code::CurrencyMismatch)
            .at("/currency", ("classes II and III are kept in CNY", "二、三类户仅限人民币")));
    }
    let Some(id) = body.bound_account_id else {
        return Err(invalid("/boundAccountId", ("is required for classes II and III", "二、三类户必须填写")));
    };
    let full = call.world.customers(id).filter(|standing| {
        let account = standing.account;
        account.owner == Some(owner) && account.purpose == Purpose::Current && account.class == AccountClass::I
    });
    let full = full.filter(|standing| standing.ledger.currency == Currency::CNY);
    let unknown = || {
        Refusal::from(Code::AccountNotFound)
            .at("/boundAccountId", ("names no class I account of the party in CNY", "没有该客户对应的人民币一类户"))
    };
    if full.ok_or_else(unknown)?.ledger.status != AccountStatus::Open {
        return Err(Refusal::from(Code::AccountFrozen).at("/boundAccountId", ("is frozen or closed", "已冻结或销户")));
    }
    if held(call, owner, body.account_class).count() >= BOUND_ACCOUNTS_MAX {
        let class = body.account_class;
        return Err(Refusal::from(Code::LimitExceeded).detail(
            format!("at most {BOUND_ACCOUNTS_MAX} accounts of class {class}"),
            format!("每位客户 {class} 类户至多 {BOUND_ACCOUNTS_MAX} 个"),
        ));
    }
    Ok(())
}

fn name(class: AccountClass, currency: Currency) -> Localized {
    match class {
        AccountClass::Ii => Localized::new("二类户", "Class II account"),
        AccountClass::Iii => Localized::new("三类户", "Class III account"),
        AccountClass::I | AccountClass::Business => {
            Localized::new(format!("{currency} 外币活期账户"), format!("{currency} current account"))
        }
    }
}

/// An account number that no account has, above those of the seeds.
pub(crate) fn free_number(call: &Call<'_>) -> Result<String, Refusal> {
    for _ in 0..1_000 {
        let drawn = u32::try_from(call.random().u128() % 8_999_999).map_err(Refusal::broken)?;
        let number = number::account_number(1_000_000 + drawn);
        if call.world.numbered(&number).is_none() {
            return Ok(number);
        }
    }
    Err(Refusal::broken("no account number is free"))
}
