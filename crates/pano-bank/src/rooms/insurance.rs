//! Insurance Agreement: products of an insurer of the ecosystem, quotes, policies, cancellation in the cooling-off period.
//!
//! The insurer is made up and has an account with the bank; a premium is paid to it, and comes back from it.

mod policy;
pub(crate) mod product;

use super::desk::payer;
use super::{Room, get, post};
use crate::BANK_ZONE;
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::account::Purpose;
use crate::model::limit::{Counts, Note};
use crate::model::party::Party;
use crate::numbers::{Outcome, Place, outcome};
use crate::rooms::words;
use crate::wire::{Listed, Money};
use crate::world::Kind;
use pano_types::id::{AccountId, InsurancePolicyId, InsuranceQuoteId, PartyId};
use pano_types::{Code, Date};
use policy::{Policy, PolicyView, Quote, QuoteView};
use product::{PRODUCTS, Product};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

pub(crate) const ROOM: Room = Room {
    document: Document::new("insurance-agreement", include_str!("../../openapi/insurance-agreement.yaml")),
    operations: &[
        get("/insurance-products", "listInsuranceProducts", products),
        post("/insurance-quotes", "initiateInsuranceQuote", quote).keyed(),
        get("/insurance-quotes/{quoteId}", "retrieveInsuranceQuote", retrieve_quote),
        post("/insurance-policies", "initiateInsurancePolicy", conclude).keyed(),
        get("/insurance-policies", "listInsurancePolicies", policies),
        get("/insurance-policies/{policyId}", "retrieveInsurancePolicy", retrieve_policy),
        post("/insurance-policies/{policyId}/cancellations", "controlInsurancePolicyCancellation", cancel).keyed(),
    ],
    kinds: &[Kind::of::<Quote>(), Kind::of::<Policy>()],
    seed: None,
};

/// How long a quote holds.
const QUOTE_FOR: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

fn products(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let page = Input::page("insurance-products", query.cursor.as_deref(), query.limit)?;
    let key = |product: &&Product| product.code.to_owned();
    Answer::ok(&Listed::ascending("insurance-products", &page, PRODUCTS.iter(), key, product::ProductView::from))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct QuoteForm {
    product_code: String,
    policyholder_party_id: PartyId,
    sum_insured: Money,
    start_date: Date,
    term_days: i32,
}

fn quote(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: QuoteForm = input.body()?;
    let none = || Refusal::from(Code::RequestInvalid).at("/productCode", "is no product on sale");
    let product = product::by_code(&form.product_code).ok_or_else(none)?;
    let sum = form.sum_insured.positive("/sumInsured")?;
    product.check(sum)?;
    if !(7..=366).contains(&form.term_days) {
        return Err(Refusal::from(Code::RequestInvalid).at("/termDays", "must be 7 to 366"));
    }
    let today = call.today();
    if form.start_date <= today || form.start_date > today.plus_days(90) {
        return Err(Refusal::from(Code::RequestInvalid).at("/startDate", "must be within 1 to 90 days from today"));
    }
    call.world.get::<Party>(&form.policyholder_party_id).ok_or(Code::PartyNotFound)?;
    if outcome(Place::SumInsured, &sum.amount()) == Some(Outcome::Declined) {
        return Err(Refusal::from(Code::Unsuitable).detail("the insurer declines the risk", "保险公司拒保"));
    }
    let quote = Quote {
        id: call.id(InsuranceQuoteId::new),
        app: call.app.to_owned(),
        product: product.code.to_owned(),
        policyholder: form.policyholder_party_id,
        currency: sum.currency(),
        sum_minor: sum.minor(),
        premium_minor: product.premium(sum.minor(), form.term_days),
        start_on: form.start_date,
        end_on: form.start_date.plus_days(form.term_days - 1),
        expires_at: call.now().plus(QUOTE_FOR),
        accepted: false,
    };
    let answer = Answer::created(format!("insurance-quotes/{}", quote.id), &QuoteView::new(&quote, call.now()));
    call.world.put(quote);
    answer
}

/// A quote that this app asked for; another app's does not exist for it.
fn own_quote(call: &Call<'_>, id: InsuranceQuoteId) -> Option<Quote> {
    call.world.get::<Quote>(&id).filter(|quote| quote.app == call.app).cloned()
}

fn retrieve_quote(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let quote = own_quote(call, input.id("quoteId", Code::NotFound)?).ok_or(Code::NotFound)?;
    Answer::ok(&QuoteView::new(&quote, call.now()))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PolicyForm {
    quote_id: InsuranceQuoteId,
    debtor_account_id: AccountId,
}

fn conclude(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: PolicyForm = input.body()?;
    let quote = own_quote(call, form.quote_id)
        .ok_or_else(|| Refusal::from(Code::NotFound).at("/quoteId", "is no quote of this app"))?;
    let refused = |en: &str, zh: &str| Err(Refusal::from(Code::LifecycleRefused).detail(en, zh));
    if quote.accepted {
        return refused("the quote has been accepted", "该报价已投保");
    }
    if call.now() >= quote.expires_at {
        return refused("the quote has expired", "该报价已过期");
    }
    let product = product::by_code(&quote.product).ok_or_else(|| Refusal::broken("no such product"))?;
    payer(call, form.debtor_account_id, "/debtorAccountId")?;
    let premium = pano_types::Money::new(quote.premium_minor, quote.currency);
    let (id, insurer) = (call.id(InsurancePolicyId::new), call.own(Purpose::Insurer, quote.currency)?);
    let note = Note { narrative: "保费 Insurance premium", about: &id.to_string(), at: "/debtorAccountId" };
    let by = call.take(form.debtor_account_id, insurer, premium, Counts::All, note)?;
    let order = call.world.all::<Policy>().count() + 1;
    let policy = Policy {
        id,
        app: call.app.to_owned(),
        number: policy::number(call.today(), order),
        quote: quote.id,
        product: quote.product.clone(),
        policyholder: quote.policyholder,
        currency: quote.currency,
        sum_minor: quote.sum_minor,
        premium_minor: quote.premium_minor,
        start_on: quote.start_on,
        end_on: quote.end_on,
        cooling_off_until: call.today().plus_days(product.cooling_off_days),
        debtor: form.debtor_account_id,
        concluded_at: call.now(),
        paid_by: by,
        cancelled: None,
    };
    call.world.edit::<Quote>(&quote.id, |quote| quote.accepted = true);
    call.event("bank.insurance-policy.concluded", id, json!({ "productCode": policy.product }));
    let answer = Answer::created(format!("insurance-policies/{id}"), &PolicyView::new(&policy, call.today()));
    call.world.put(policy);
    answer
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PolicyQuery {
    policyholder_party_id: Option<PartyId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn policies(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PolicyQuery = input.query()?;
    let page = Input::page("insurance-policies", query.cursor.as_deref(), query.limit)?;
    let wanted = |policy: &&Policy| query.policyholder_party_id.is_none_or(|party| party == policy.policyholder);
    let found = call.world.under::<Policy>(policy::BY_APP, call.app).rev().filter(wanted);
    let today = call.today();
    let view = |policy: &Policy| PolicyView::new(policy, today);
    Answer::ok(&Listed::descending("insurance-policies", &page, found, |policy| policy.id.to_string(), view))
}

/// A policy that this app concluded.
fn own_policy(call: &Call<'_>, input: &Input) -> Result<Policy, Refusal> {
    let id: InsurancePolicyId = input.id("policyId", Code::NotFound)?;
    let found = call.world.get::<Policy>(&id).filter(|policy| policy.app == call.app);
    found.cloned().ok_or_else(|| Code::NotFound.into())
}

fn retrieve_policy(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&PolicyView::new(&own_policy(call, input)?, call.today()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CancellationForm {
    reason: String,
}

fn cancel(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: CancellationForm = input.body()?;
    words::printable(&form.reason, 100, "/reason")?;
    let mut policy = own_policy(call, input)?;
    let refused = |en: &str, zh: &str| Err(Refusal::from(Code::LifecycleRefused).detail(en, zh));
    if policy.cancelled.is_some() {
        return refused("the policy has been cancelled", "该保单已退保");
    }
    if call.today() > policy.end_on {
        return refused("the policy has ended", "该保单已满期");
    }
    if call.now() >= policy.cooling_off_until.plus_days(1).start(BANK_ZONE) {
        return refused("the cooling-off period is over", "犹豫期已过");
    }
    let premium = pano_types::Money::new(policy.premium_minor, policy.currency);
    let insurer = call.own(Purpose::Insurer, policy.currency)?;
    let note = Note { narrative: "退保退费 Premium refund", about: &policy.id.to_string(), at: "/policyId" };
    let by = call.give(insurer, policy.debtor, premium, Counts::Nothing, note)?;
    let paid_on = Date::of(policy.concluded_at, BANK_ZONE);
    call.world.noted(policy.debtor, paid_on, -policy.premium_minor, Counts::All);
    policy.cancelled = Some(policy::Cancelled { at: call.now(), refunded_by: by, reason: form.reason });
    call.event("bank.insurance-policy.cancelled", policy.id, json!({ "productCode": policy.product }));
    let answer = Answer::json(201, &PolicyView::new(&policy, call.today()));
    call.world.put(policy);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::account::BankAccount;
    use crate::model::class::AccountClass;
    use crate::seed::{self, Scenario};
    use http::{HeaderMap, HeaderValue};
    use pano_types::{Currency, Instant};

    #[test]
    fn a_refund_does_not_fill_a_purse_above_what_it_may_hold() {
        let now = Instant::parse("2026-03-02T02:15:00Z").unwrap();
        let (mut world, _) = seed::build(Scenario::Everyone, seed::DEFAULT, now).unwrap();
        let mut call = Call::new(&mut world, "app", 7);
        let full = call.world.customers_accounts().next().unwrap().account.clone();
        let purse = call.id(AccountId::new);
        let account =
            BankAccount { id: purse, number: purse.to_string(), class: AccountClass::Iii, bound_to: None, ..full };
        call.open(account, Currency::CNY, Some(0)).unwrap();
        let insurer = call.own(Purpose::Insurer, Currency::CNY).unwrap();
        let paid_by = call.transfer(insurer, purse, pano_types::Money::new(200_000, Currency::CNY), "", "").unwrap();
        let policy = Policy {
            id: call.id(InsurancePolicyId::new),
            app: "app".to_owned(),
            number: policy::number(call.today(), 1),
            quote: call.id(InsuranceQuoteId::new),
            product: "HOME-BASIC".to_owned(),
            policyholder: call.world.all::<Party>().next().unwrap().id,
            currency: Currency::CNY,
            sum_minor: 10_000_000,
            premium_minor: 1,
            start_on: call.today().plus_days(1),
            end_on: call.today().plus_days(365),
            cooling_off_until: call.today().plus_days(15),
            debtor: purse,
            concluded_at: call.now(),
            paid_by,
            cancelled: None,
        };
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        let input = Input {
            path: vec![("policyId".to_owned(), policy.id.to_string())],
            headers,
            body: json!({ "reason": "x" }).to_string().into(),
            ..Input::default()
        };
        call.world.put(policy);
        assert_eq!(cancel(&mut call, &input).unwrap_err().code(), Some(Code::LimitExceeded));
    }
}
