//! Loans: drawn, repaid, collected in the evening, settled.

use super::apply::{Application, Offer};
use super::line::{self, CURRENCY, Line};
use super::refused_now;
use super::repay::{self, Instalment, Parts, Settlement};
use super::schedule::{Method, schedule};
use crate::call::{Call, Refusal};
use crate::model::account::Purpose;
use crate::model::limit::{Counts, Note};
use crate::model::party::PartyKind;
use crate::rooms::desk::{BY_PARTY, of_day, over_limit, payee, payer};
use crate::seed::Seeding;
use crate::world::Entity;
use pano_ledger::{AccountStatus, Posting, Rate};
use pano_types::id::{AccountId, LoanApplicationId, LoanId, PartyId, TransactionId};
use pano_types::{Code, Date, Instant, Money};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Index: loans with something left to repay.
const RUNNING: &str = "running";

/// What is overdue bears this much of the agreed rate, in percent.
const PENALTY_PERCENT: i64 = 150;

/// The rate of what is overdue.
pub(super) const fn penalty_rate(rate: Rate) -> Rate {
    Rate::from_ppm(rate.ppm() * PENALTY_PERCENT / 100)
}

/// What was drawn.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Drawn {
    pub(super) minor: i64,
    pub(super) on: Date,
}

/// A loan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Loan {
    pub(super) id: LoanId,
    pub(super) application: LoanApplicationId,
    pub(super) party: PartyId,
    pub(super) account: AccountId,
    pub(super) product: String,
    pub(super) agreed_minor: i64,
    rate_ppm: i64,
    pub(super) months: u32,
    pub(super) method: Method,
    pub(super) hash: String,
    pub(super) agreed_at: Instant,
    pub(super) draw_before: Date,
    #[serde(default)]
    pub(super) drawn: Option<Drawn>,
    #[serde(default)]
    pub(super) instalments: Vec<Instalment>,
    #[serde(default)]
    pub(super) settled_on: Option<Date>,
}

impl Loan {
    /// Signed, not drawn.
    pub(super) fn agreed(id: LoanId, application: &Application, offer: &Offer, at: Instant, draw_before: Date) -> Self {
        Self {
            id,
            application: application.id,
            party: application.party,
            account: application.account,
            product: application.product.clone(),
            agreed_minor: offer.amount_minor,
            rate_ppm: offer.rate_ppm,
            months: application.months,
            method: application.method,
            hash: offer.hash.clone(),
            agreed_at: at,
            draw_before,
            drawn: None,
            instalments: Vec::new(),
            settled_on: None,
        }
    }

    /// Whether it is of this line.
    pub(super) fn is_of<L: Line>(&self) -> bool {
        L::PRODUCTS.iter().any(|product| product.code == self.product)
    }
    pub(super) const fn rate(&self) -> Rate {
        Rate::from_ppm(self.rate_ppm)
    }
    /// Principal that is left.
    pub(super) fn outstanding(&self) -> i64 {
        repay::outstanding(&self.instalments)
    }
    /// Whether anything is overdue on `day`.
    pub(super) fn is_overdue(&self, day: Date) -> bool {
        repay::days_past_due(&self.instalments, day) > 0
    }
    /// The oldest instalment that is not paid.
    pub(super) fn next_due(&self) -> Option<&Instalment> {
        self.instalments.iter().find(|instalment| instalment.open() > 0)
    }
    /// Lets penalty grow up to `day`.
    pub(super) fn grow(&mut self, day: Date) {
        let penalty = penalty_rate(self.rate());
        repay::grow(&mut self.instalments, penalty, day);
    }
    fn is_running(&self) -> bool {
        self.drawn.is_some() && self.settled_on.is_none()
    }
}

impl Entity for Loan {
    const KIND: &'static str = "loan";
    type Id = LoanId;
    fn id(&self) -> LoanId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_PARTY, self.party.to_string());
        if self.is_running() {
            put(RUNNING, String::new());
        }
    }
}

/// Pays a loan out. Its schedule begins today.
pub(super) fn draw(call: &mut Call<'_>, mut loan: Loan, minor: i64) -> Result<Loan, Refusal> {
    if loan.drawn.is_some() {
        return Err(refused_now("the loan was drawn before", "借款已提款"));
    }
    let today = call.today();
    if today > loan.draw_before {
        return Err(refused_now("the time to draw has passed", "已过最迟提款日"));
    }
    if minor > loan.agreed_minor {
        return Err(over_limit("agreed amount", "合同金额", Money::new(loan.agreed_minor, CURRENCY)));
    }
    payee(call, loan.account, "/accountId")?;
    call.world.identity_verified(loan.party)?;
    // A loan of the seed has no application.
    if let Some(application) = call.world.get::<Application>(&loan.application) {
        line::decide_again(call, application, minor)?;
    }
    let lines = schedule(minor, loan.rate(), loan.months, loan.method, today);
    let lines = lines.ok_or_else(|| Refusal::broken("a loan without a schedule"))?;
    loan.instalments = lines.into_iter().map(Instalment::from).collect();
    loan.drawn = Some(Drawn { minor, on: today });
    let (pool, about) = (call.own(Purpose::Loans, CURRENCY)?, loan.id.to_string());
    // Loans of the bank itself and their repayment are outside of the limits of a class II account (银发〔2016〕302号).
    let note = Note { narrative: "贷款发放 Loan drawn", about: &about, at: "/accountId" };
    call.give(pool, loan.account, Money::new(minor, CURRENCY), Counts::Nothing, note)?;
    call.world.put(loan.clone());
    call.event("bank.loan.drawn", loan.id, json!({ "productCode": loan.product }));
    Ok(loan)
}

/// Takes a repayment from the loan's account.
pub(super) fn repay(call: &mut Call<'_>, mut loan: Loan, minor: i64) -> Result<(Loan, Parts, TransactionId), Refusal> {
    if !loan.is_running() {
        return Err(refused_now("there is nothing to repay", "没有待还款项"));
    }
    let owed = repay::total(&loan.instalments);
    if minor > owed {
        let refusal = Refusal::from(Code::AmountInvalid);
        return Err(refusal.at("/amount/amount", format!("is more than is owed: {}", Money::new(owed, CURRENCY))));
    }
    payer(call, loan.account, "/accountId")?;
    let parts = repay::pay(&mut loan.instalments, minor, |_| true);
    let today = call.today();
    let transaction = book(call, &loan, parts, 0, today, "贷款还款 Loan repayment")?;
    end(call, &mut loan, today);
    call.world.put(loan.clone());
    Ok((loan, parts, transaction))
}

/// What settling on `day` costs.
pub(super) fn quote(loan: &Loan, day: Date) -> Result<Settlement, Refusal> {
    let drawn = loan.drawn.filter(|_| loan.is_running());
    let drawn = drawn.ok_or_else(|| refused_now("there is nothing to settle", "没有可结清的款项"))?;
    let fee_ppm = line::product(&loan.product).map_or(0, |product| product.fee_ppm);
    repay::settlement(&loan.instalments, loan.rate(), fee_ppm, drawn.on, day)
        .ok_or_else(|| Refusal::broken("a settlement out of range"))
}

/// Settles a loan at what was quoted for today.
pub(super) fn settle(call: &mut Call<'_>, mut loan: Loan, quote: &Settlement) -> Result<TransactionId, Refusal> {
    payer(call, loan.account, "/accountId")?;
    let today = call.today();
    let (rate, drawn) = (loan.rate(), loan.drawn.map_or(today, |drawn| drawn.on));
    repay::settle(&mut loan.instalments, rate, drawn, today);
    let transaction = book(call, &loan, quote.parts, quote.fee_minor, today, "贷款提前结清 Loan settled")?;
    end(call, &mut loan, today);
    call.world.put(loan);
    Ok(transaction)
}

fn book(
    call: &mut Call<'_>,
    loan: &Loan,
    parts: Parts,
    fee_minor: i64,
    day: Date,
    narrative: &str,
) -> Result<TransactionId, Refusal> {
    let of = |minor| Money::new(minor, CURRENCY);
    let mut postings = vec![Posting::debit(loan.account, of(parts.total() + fee_minor))];
    for (purpose, minor) in [
        (Purpose::Loans, parts.principal_minor),
        (Purpose::InterestIncome, parts.interest_minor + parts.penalty_minor),
        (Purpose::FeeIncome, fee_minor),
    ] {
        if minor > 0 {
            postings.push(Posting::credit(call.own(purpose, CURRENCY)?, of(minor)));
        }
    }
    let booking = of_day(call, day, narrative, loan.id);
    call.post_as(booking, postings)
}

/// Notes that nothing is left to repay, if so.
fn end(call: &mut Call<'_>, loan: &mut Loan, day: Date) {
    if repay::total(&loan.instalments) == 0 {
        loan.settled_on = Some(day);
        call.event("bank.loan.settled", loan.id, json!({ "productCode": loan.product }));
    }
}

/// In the evening: what is due is debited as far as the account goes; what is missing is overdue from tomorrow on.
pub(crate) fn collect(call: &mut Call<'_>, day: Date) -> Result<(), Refusal> {
    let is_due = |loan: &&Loan| loan.next_due().is_some_and(|instalment| instalment.due <= day);
    let due: Vec<_> = call.world.under::<Loan>(RUNNING, "").filter(is_due).cloned().collect();
    for loan in due {
        call.each("collect loan", loan.id, |call| collect_one(call, loan, day));
    }
    Ok(())
}

fn collect_one(call: &mut Call<'_>, mut loan: Loan, day: Date) -> Result<(), Refusal> {
    loan.grow(day);
    let account = call.world.standing(loan.account).filter(|account| account.ledger.status == AccountStatus::Open);
    let spendable = account.map_or(0, |account| account.spendable().minor().max(0));
    let parts = repay::pay(&mut loan.instalments, spendable, |instalment| instalment.due <= day);
    if parts.total() > 0 {
        book(call, &loan, parts, 0, day, "贷款自动扣款 Loan instalment")?;
    }
    let missing = loan.instalments.iter().find(|instalment| instalment.due == day && instalment.open() > 0);
    if let Some(instalment) = missing {
        let number = instalment.number;
        call.event("bank.loan.overdue", loan.id, json!({ "instalment": number }));
    }
    end(call, &mut loan, day);
    call.world.put(loan);
    Ok(())
}

/// A person and a business begin with a loan that was drawn today.
pub(super) fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    for (kind, product, minor, rate, months, method) in [
        (PartyKind::Person, "CL-GENERAL", 3_600_000, 54_000, 24, Method::EqualInstalment),
        (PartyKind::Organisation, "KL-WORKING", 30_000_000, 43_500, 12, Method::InterestOnly),
    ] {
        let call = &mut seeding.call;
        let found = call.world.customers_accounts().find(|standing| {
            let owner = standing.account.owner.and_then(|owner| call.world.get::<crate::model::party::Party>(&owner));
            standing.account.purpose == Purpose::Current
                && standing.ledger.currency == CURRENCY
                && standing.ledger.status == AccountStatus::Open
                && standing.spendable().minor() >= minor / 10
                && owner.is_some_and(|owner| owner.kind == kind && call.world.identity_verified(owner.id).is_ok())
        });
        let Some((account, Some(party))) = found.map(|standing| (standing.account.id, standing.account.owner)) else {
            continue;
        };
        let agreement = format!("{product} {minor} {rate} {months}");
        let loan = Loan {
            id: call.id(LoanId::new),
            application: call.id(LoanApplicationId::new),
            party,
            account,
            product: product.to_owned(),
            agreed_minor: minor,
            rate_ppm: rate,
            months,
            method,
            hash: pano_crypto::digest::sha256_hex(agreement.as_bytes()),
            agreed_at: call.now(),
            draw_before: call.today().plus_days(30),
            drawn: None,
            instalments: Vec::new(),
            settled_on: None,
        };
        draw(call, loan, minor)?;
    }
    Ok(())
}
