//! Applications: checked, decided, offered, accepted.

use super::facility::Loan;
use super::line::{self, Line, Means, Product};
use super::schedule::{Method, schedule};
use super::score::{Grade, Reason};
use super::{BY_APP, refused_now};
use crate::call::{Call, Refusal};
use crate::model::party::Party;
use crate::numbers::{Outcome, Place, outcome};
use crate::rooms::desk::{BY_PARTY, in_currency, owner, party, payee};
use crate::world::Entity;
use pano_crypto::digest::sha256_hex;
use pano_ledger::Rate;
use pano_types::id::{AccountId, LoanApplicationId, LoanId, PartyId};
use pano_types::{Code, Instant, Money};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// How long an offer stands.
const STANDS: Duration = Duration::from_secs(7 * 24 * 3600);
/// Days within which a signed loan must be drawn.
const DRAW_DAYS: i32 = 30;

/// How long a person at the bank takes to decide.
const REFERRED: Duration = Duration::from_secs(3_600);
/// Name of the job in which they do.
pub(crate) const DECIDE: &str = "loan.decide";

/// What the bank offers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(super) amount_minor: i64,
    pub(super) rate_ppm: i64,
    pub(super) first_minor: i64,
    pub(super) interest_minor: i64,
    pub(super) expires_at: Instant,
    pub(super) agreement: String,
    pub(super) hash: String,
}

/// An application and what was decided.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(super) id: LoanApplicationId,
    pub(super) app: String,
    pub(super) party: PartyId,
    pub(super) account: AccountId,
    pub(super) product: String,
    pub(super) amount_minor: i64,
    pub(super) months: u32,
    pub(super) method: Method,
    pub(super) purpose: String,
    #[serde(default)]
    pub(super) means: Option<Means>,
    pub(super) score: u32,
    pub(super) grade: Grade,
    pub(super) reasons: Vec<Reason>,
    /// Zero when declined.
    #[serde(default)]
    approved_minor: i64,
    /// A person at the bank decides then.
    #[serde(default)]
    referred_until: Option<Instant>,
    /// When that was, if it was not at once.
    #[serde(default)]
    pub(super) decided_at: Option<Instant>,
    #[serde(default)]
    pub(super) offer: Option<Offer>,
    #[serde(default)]
    pub(super) loan: Option<LoanId>,
    pub(super) at: Instant,
}

impl Application {
    /// Whether a person at the bank has still to decide.
    pub(super) const fn is_referred(&self) -> bool {
        self.referred_until.is_some()
    }
    /// Whether it was made in this line.
    pub(super) fn is_of<L: Line>(&self) -> bool {
        L::PRODUCTS.iter().any(|product| product.code == self.product)
    }
}

impl Entity for Application {
    const KIND: &'static str = "loan.application";
    type Id = LoanApplicationId;
    fn id(&self) -> LoanApplicationId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
        put(BY_PARTY, self.party.to_string());
    }
}

/// Takes an application and decides on it.
pub(super) fn apply<L: Line>(call: &mut Call<'_>, request: &L::Request) -> Result<Application, Refusal> {
    let wish = L::wish(request)?;
    let amount = wish.amount.positive("/amount")?;
    let who = party(call, wish.party, "/partyId")?.clone();
    if who.kind != L::KIND {
        let refusal = Refusal::from(Code::Unsuitable);
        return Err(refusal.detail("this kind of customer is not lent to here", "该类客户不适用本产品"));
    }
    let product = L::PRODUCTS.iter().find(|product| product.code == wish.product);
    let product = product.ok_or_else(|| Refusal::from(Code::NotFound).at("/productCode", "names no product"))?;
    call.world.identity_verified(who.id)?;
    let account = payee(call, wish.account, "/accountId")?;
    if owner(&account)? != wish.party {
        return Err(Refusal::from(Code::RequestInvalid).at("/accountId", "must be of the party"));
    }
    in_currency(Money::zero(line::CURRENCY), account.ledger.currency, "/accountId")?;
    let amount_minor = in_currency(amount, line::CURRENCY, "/amount/currency")?;
    fits(product, amount_minor, wish.months, wish.method)?;
    let wanted = product.wanted(amount_minor, wish.months);
    let asked = outcome(Place::LoanAmount, &amount.amount());
    let mut decision = L::decide(call, &who, request, &wanted)?;
    if asked == Some(Outcome::Declined) {
        decision = decision.declined();
    }
    let id = call.id(LoanApplicationId::new);
    let mut application = Application {
        id,
        app: call.app.to_owned(),
        party: wish.party,
        account: wish.account,
        product: product.code.to_owned(),
        amount_minor,
        months: wish.months,
        method: wish.method,
        purpose: wish.purpose,
        means: Some(L::means(request)?),
        score: decision.score,
        grade: decision.grade,
        reasons: decision.reasons,
        approved_minor: decision.approved_minor,
        decided_at: None,
        referred_until: (asked == Some(Outcome::Referred)).then(|| call.now().plus(REFERRED)),
        offer: None,
        loan: None,
        at: call.now(),
    };
    match application.referred_until {
        Some(until) => call.world.schedule(until, DECIDE, id),
        None => tell(call, &mut application)?,
    }
    call.world.put(application.clone());
    Ok(application)
}

/// Job: a person at the bank decides on an application that was referred, by the usual rules.
pub(crate) fn decide(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let id: LoanApplicationId = subject.parse().map_err(Refusal::broken)?;
    let referred = call.world.get::<Application>(&id).filter(|application| application.is_referred()).cloned();
    let Some(mut application) = referred else { return Ok(()) };
    application.referred_until = None;
    application.decided_at = Some(call.now());
    tell(call, &mut application)?;
    call.world.put(application);
    Ok(())
}

/// Makes the offer that was decided, if one was, and tells what became of the application.
fn tell(call: &mut Call<'_>, application: &mut Application) -> Result<(), Refusal> {
    let (id, code) = (application.id, application.product.clone());
    let product = line::product(&code).ok_or_else(|| Refusal::broken("an application for no product"))?;
    let rate = match application.grade {
        Grade::A => product.rates.first(),
        Grade::B => product.rates.get(1),
        Grade::C => product.rates.get(2),
        Grade::D => None,
    };
    if let Some(rate) = rate {
        let who = party(call, application.party, "/partyId")?;
        application.offer = Some(offer(call, application, who, product, *rate, application.approved_minor)?);
        call.event("bank.loan.approved", id, json!({ "productCode": code, "grade": application.grade }));
    } else {
        call.event("bank.loan.declined", id, json!({ "productCode": code }));
    }
    Ok(())
}

/// That what is wanted is within the product's bounds.
fn fits(product: &Product, amount_minor: i64, months: u32, method: Method) -> Result<(), Refusal> {
    if !(product.minimum_minor..=product.maximum_minor).contains(&amount_minor) {
        let of = |minor| Money::new(minor, line::CURRENCY);
        let reason = format!("must be {} to {}", of(product.minimum_minor), of(product.maximum_minor));
        return Err(Refusal::from(Code::AmountInvalid).at("/amount/amount", reason));
    }
    let (least, most) = product.months;
    if !(least..=most).contains(&months) {
        return Err(Refusal::from(Code::RequestInvalid).at("/termMonths", format!("must be {least} to {most}")));
    }
    if !product.methods.contains(&method) {
        return Err(Refusal::from(Code::RequestInvalid).at("/repaymentMethod", "is not offered with this product"));
    }
    Ok(())
}

fn offer(
    call: &Call<'_>,
    application: &Application,
    who: &Party,
    product: &Product,
    rate: Rate,
    amount_minor: i64,
) -> Result<Offer, Refusal> {
    let (today, expires_at) = (call.today(), call.now().plus(STANDS));
    let lines = schedule(amount_minor, rate, application.months, application.method, today)
        .ok_or_else(|| Refusal::broken("an offer without a schedule"))?;
    let amount = Money::new(amount_minor, line::CURRENCY);
    let agreement = format!(
        "借款合同 Loan agreement\n申请 Application: {}\n借款人 Borrower: {} {}\n产品 Product: {} {} ({})\n金额 Amount: {amount}\n\
         年利率 Annual rate: {} %\n罚息利率 Penalty rate: {} %\n期限 Term: {} 个月 months\n还款方式 Repayment: {}\n\
         用途 Purpose: {}\n要约有效期至 Offer stands until: {expires_at}\n",
        application.id,
        who.name.zh,
        who.name.en,
        product.zh,
        product.en,
        product.code,
        rate.percent(),
        super::facility::penalty_rate(rate).percent(),
        application.months,
        application.method.code(),
        application.purpose,
    );
    Ok(Offer {
        amount_minor,
        rate_ppm: rate.ppm(),
        first_minor: lines.first().map_or(0, |line| line.principal_minor + line.interest_minor),
        interest_minor: lines.iter().map(|line| line.interest_minor).sum(),
        expires_at,
        hash: sha256_hex(agreement.as_bytes()),
        agreement,
    })
}

/// Signs the agreement that the offer states.
pub(super) fn accept(
    call: &mut Call<'_>,
    mut application: Application,
    hash: &str,
    signer: &str,
) -> Result<Loan, Refusal> {
    if application.loan.is_some() {
        return Err(refused_now("the offer was accepted before", "要约已接受"));
    }
    if application.is_referred() {
        return Err(refused_now("the application is being decided on", "申请审批中"));
    }
    let offer = application.offer.as_ref().ok_or_else(|| refused_now("the application was declined", "申请未通过"))?;
    if call.now() >= offer.expires_at {
        return Err(refused_now("the offer has expired", "要约已过期"));
    }
    if hash != offer.hash {
        return Err(Refusal::from(Code::RequestInvalid).at("/agreementHash", "is not that of the offer"));
    }
    let who = party(call, application.party, "/partyId")?;
    if signer != who.name.zh && signer != who.name.en {
        return Err(Refusal::from(Code::RequestInvalid).at("/signerName", "is not the name of the borrower"));
    }
    call.world.identity_verified(application.party)?;
    line::decide_again(call, &application, offer.amount_minor)?;
    let id = call.id(LoanId::new);
    let loan = Loan::agreed(id, &application, offer, call.now(), call.today().plus_days(DRAW_DAYS));
    application.loan = Some(id);
    call.world.put(application);
    call.world.put(loan.clone());
    call.event("bank.loan.agreed", id, json!({}));
    Ok(loan)
}
