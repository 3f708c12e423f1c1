//! Receivables: from registration to the last fen.

use super::terms::{self, PENALTY, Terms};
use crate::call::{Call, Refusal};
use crate::model::account::{BankAccount, Purpose};
use crate::model::party::{Party, PartyKind};
use crate::rooms::desk::{of_day, over_limit, payee, payer, refused_now};
use crate::seed::Seeding;
use crate::world::Entity;
use pano_ledger::{AccountStatus, Accrual, DayCount, Posting};
use pano_types::id::{AccountId, PartyId, ReceivableId, TransactionId};
use pano_types::problem::FieldError;
use pano_types::{Code, Currency, Date, Instant, Money, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The currency of all receivables.
pub(super) const CURRENCY: Currency = Currency::CNY;
/// Index: who is owed.
pub(super) const BY_SUPPLIER: &str = "supplier";
/// Index: who owes.
pub(super) const BY_OBLIGOR: &str = "obligor";
/// Index: the invoice.
const BY_INVOICE: &str = "invoice";
/// Index: confirmed and not repaid.
const RUNNING: &str = "running";

/// Where a receivable stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Stage {
    Registered,
    Confirmed,
    Rejected,
    Financed,
    Overdue,
    Settled,
}

/// What is registered.
pub(super) struct Draft {
    pub(super) supplier: PartyId,
    pub(super) supplier_account: AccountId,
    pub(super) obligor: PartyId,
    pub(super) invoice: String,
    pub(super) contract: String,
    pub(super) amount_minor: i64,
    pub(super) issued_on: Date,
    pub(super) due: Date,
}

/// What a core enterprise owes a supplier.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Receivable {
    pub(super) id: ReceivableId,
    pub(super) supplier: PartyId,
    pub(super) supplier_account: AccountId,
    pub(super) obligor: PartyId,
    #[serde(default)]
    pub(super) obligor_account: Option<AccountId>,
    pub(super) invoice: String,
    pub(super) contract: String,
    pub(super) amount_minor: i64,
    pub(super) issued_on: Date,
    pub(super) due: Date,
    #[serde(default)]
    pub(super) rejection: Option<String>,
    #[serde(default)]
    pub(super) terms: Option<Terms>,
    /// Of the amount, penalty apart.
    #[serde(default)]
    repaid_minor: i64,
    /// Of `repaid_minor`, what went to the bank.
    #[serde(default)]
    repaid_bank_minor: i64,
    #[serde(default)]
    paid_penalty_minor: i64,
    /// Penalty that has grown, in billionths of a fen, up to `penalty_until`.
    #[serde(default)]
    penalty_billionths: i64,
    #[serde(default)]
    penalty_until: Option<Date>,
    pub(super) registered_at: Instant,
    #[serde(default)]
    pub(super) confirmed_at: Option<Instant>,
    #[serde(default)]
    pub(super) financed_at: Option<Instant>,
    #[serde(default)]
    pub(super) settled_on: Option<Date>,
}

impl Receivable {
    /// Not repaid yet, penalty apart.
    pub(super) const fn outstanding(&self) -> i64 {
        self.amount_minor - self.repaid_minor
    }
    /// The financed principal that has not come back.
    fn open_principal(&self) -> i64 {
        self.terms.map_or(0, |terms| terms.principal_minor - self.repaid_bank_minor)
    }
    fn penalty(&self) -> i64 {
        Accrual::from_billionths(self.penalty_billionths.into()).settle().0.max(self.paid_penalty_minor)
    }
    /// Penalty not paid yet.
    pub(super) fn open_penalty(&self) -> i64 {
        self.penalty() - self.paid_penalty_minor
    }
    fn is_running(&self) -> bool {
        self.confirmed_at.is_some() && self.settled_on.is_none()
    }
    /// Where it stands on `today`.
    pub(super) fn stage(&self, today: Date) -> Stage {
        match self {
            Self { settled_on: Some(_), .. } => Stage::Settled,
            Self { rejection: Some(_), .. } => Stage::Rejected,
            Self { confirmed_at: None, .. } => Stage::Registered,
            _ if self.due < today => Stage::Overdue,
            Self { terms: Some(_), .. } => Stage::Financed,
            _ => Stage::Confirmed,
        }
    }
    /// Days since it fell due, if it is overdue.
    pub(super) fn days_past_due(&self, today: Date) -> u32 {
        if self.stage(today) != Stage::Overdue {
            return 0;
        }
        u32::try_from(today.unix_days() - self.due.unix_days()).unwrap_or(0)
    }
    /// Lets penalty grow up to `day` on the bank's principal that is overdue.
    pub(super) fn grow(&mut self, day: Date) {
        let from = self.penalty_until.unwrap_or(self.due);
        if day <= from || !self.is_running() {
            return;
        }
        let kept = Accrual::from_billionths(self.penalty_billionths.into());
        let grown = kept.grown(self.open_principal(), PENALTY, DayCount::Act360, from, day).billionths();
        self.penalty_billionths = i64::try_from(grown).unwrap_or(i64::MAX);
        self.penalty_until = Some(day);
    }

    /// Splits a payment: penalty, the bank's principal, and the rest for the supplier.
    fn pay(&mut self, minor: i64) -> Parts {
        let penalty_minor = minor.min(self.open_penalty());
        let bank_minor = (minor - penalty_minor).min(self.open_principal());
        let supplier_minor = minor - penalty_minor - bank_minor;
        self.paid_penalty_minor += penalty_minor;
        self.repaid_bank_minor += bank_minor;
        self.repaid_minor += bank_minor + supplier_minor;
        Parts { penalty_minor, bank_minor, supplier_minor }
    }
}

impl Entity for Receivable {
    const KIND: &'static str = "receivable";
    type Id = ReceivableId;
    fn id(&self) -> ReceivableId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_SUPPLIER, self.supplier.to_string());
        put(BY_OBLIGOR, self.obligor.to_string());
        if self.rejection.is_none() {
            put(BY_INVOICE, self.invoice.clone());
        }
        if self.is_running() {
            put(RUNNING, String::new());
        }
    }
}

/// What became of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) penalty_minor: i64,
    pub(super) bank_minor: i64,
    pub(super) supplier_minor: i64,
}

/// Registers a receivable. An invoice that was rejected may come again.
pub(super) fn register(call: &mut Call<'_>, draft: Draft) -> Result<Receivable, Refusal> {
    check(&draft, call.today())?;
    if call.world.under::<Receivable>(BY_INVOICE, &draft.invoice).next().is_some() {
        let refusal = Refusal::from(Code::Conflict).at("/invoiceNumber", "is registered already");
        return Err(refusal.detail("an invoice can be registered once", "同一发票只能登记一次"));
    }
    let receivable = Receivable {
        id: call.id(ReceivableId::new),
        supplier: draft.supplier,
        supplier_account: draft.supplier_account,
        obligor: draft.obligor,
        obligor_account: None,
        invoice: draft.invoice,
        contract: draft.contract,
        amount_minor: draft.amount_minor,
        issued_on: draft.issued_on,
        due: draft.due,
        rejection: None,
        terms: None,
        repaid_minor: 0,
        repaid_bank_minor: 0,
        paid_penalty_minor: 0,
        penalty_billionths: 0,
        penalty_until: None,
        registered_at: call.now(),
        confirmed_at: None,
        financed_at: None,
        settled_on: None,
    };
    call.world.put(receivable.clone());
    call.event("bank.receivable.registered", receivable.id, json!({}));
    Ok(receivable)
}

fn check(draft: &Draft, today: Date) -> Result<(), Refusal> {
    let mut problem = Problem::new(Code::RequestInvalid);
    let mut refuse = |bad: bool, at: &str, reason: &str| {
        if bad {
            problem.errors.push(FieldError { at: at.to_owned(), reason: reason.into() });
        }
    };
    let invoice = &draft.invoice;
    let digits = invoice.bytes().all(|b| b.is_ascii_digit());
    refuse(!digits || !matches!(invoice.len(), 8..=12 | 20), "/invoiceNumber", "must be 20 digits, or 8 to 12");
    let contract = draft.contract.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-".contains(&b));
    refuse(
        !contract || !(1..=35).contains(&draft.contract.len()),
        "/contractNumber",
        "must be 1 to 35 letters, digits, / and -",
    );
    refuse(draft.obligor == draft.supplier, "/obligorPartyId", "must be another party than the supplier");
    refuse(draft.issued_on > today, "/issuedOn", "must not be after today");
    refuse(draft.due <= today || draft.due > today.plus_days(366), "/dueDate", "must be after today and within a year");
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

fn must_be_registered(receivable: &Receivable, today: Date) -> Result<(), Refusal> {
    match receivable.stage(today) {
        Stage::Registered => Ok(()),
        Stage::Rejected => Err(refused_now("it was rejected", "已被拒绝")),
        Stage::Confirmed | Stage::Financed | Stage::Overdue | Stage::Settled => {
            Err(refused_now("it was confirmed before", "已确权"))
        }
    }
}

/// The core enterprise promises to pay from `account`.
pub(super) fn confirm(
    call: &mut Call<'_>,
    mut receivable: Receivable,
    account: AccountId,
) -> Result<Receivable, Refusal> {
    must_be_registered(&receivable, call.today())?;
    if receivable.due < call.today() {
        return Err(refused_now("its due date has passed", "已过到期日"));
    }
    receivable.obligor_account = Some(account);
    receivable.confirmed_at = Some(call.now());
    call.world.put(receivable.clone());
    call.event("bank.receivable.confirmed", receivable.id, json!({}));
    Ok(receivable)
}

/// The core enterprise does not owe it.
pub(super) fn reject(call: &mut Call<'_>, mut receivable: Receivable, reason: String) -> Result<Receivable, Refusal> {
    must_be_registered(&receivable, call.today())?;
    receivable.rejection = Some(reason);
    call.world.put(receivable.clone());
    call.event("bank.receivable.rejected", receivable.id, json!({}));
    Ok(receivable)
}

/// What finance of `principal_minor` costs today.
pub(super) fn quote(receivable: &Receivable, principal_minor: i64, today: Date) -> Result<Terms, Refusal> {
    match receivable.stage(today) {
        Stage::Confirmed if receivable.repaid_minor == 0 => {}
        Stage::Confirmed => return Err(refused_now("a part was repaid", "已部分清偿")),
        Stage::Registered => return Err(refused_now("it is not confirmed", "尚未确权")),
        Stage::Rejected => return Err(refused_now("it was rejected", "已被拒绝")),
        Stage::Financed => return Err(refused_now("it is financed already", "已融资")),
        Stage::Overdue | Stage::Settled => return Err(refused_now("it is due", "已到期")),
    }
    if today >= receivable.due {
        return Err(refused_now("it is due", "已到期"));
    }
    let terms = terms::finance(principal_minor, today, receivable.due);
    terms.ok_or_else(|| Refusal::from(Code::AmountInvalid).at("/principal/amount", "is less than discount and fee"))
}

/// Buys a receivable at a discount.
pub(super) fn finance(call: &mut Call<'_>, mut receivable: Receivable, minor: i64) -> Result<Receivable, Refusal> {
    let terms = quote(&receivable, minor, call.today())?;
    let most = terms::most(receivable.amount_minor);
    if minor > most {
        return Err(over_limit("most that is financed", "最高融资本金", Money::new(most, CURRENCY)));
    }
    payee(call, receivable.supplier_account, "/supplierAccountId")?;
    let of = |minor| Money::new(minor, CURRENCY);
    let mut postings = vec![
        Posting::debit(call.own(Purpose::Factoring, CURRENCY)?, of(terms.principal_minor)),
        Posting::credit(receivable.supplier_account, of(terms.proceeds_minor())),
    ];
    for (purpose, minor) in [(Purpose::InterestIncome, terms.discount_minor), (Purpose::FeeIncome, terms.fee_minor)] {
        if minor > 0 {
            postings.push(Posting::credit(call.own(purpose, CURRENCY)?, of(minor)));
        }
    }
    call.post("应收账款融资 Receivable financed", receivable.id, postings)?;
    receivable.terms = Some(terms);
    receivable.financed_at = Some(call.now());
    call.world.put(receivable.clone());
    call.event("bank.receivable.financed", receivable.id, json!({ "days": terms.days }));
    Ok(receivable)
}

/// Takes a repayment from the core enterprise's account.
pub(super) fn repay(
    call: &mut Call<'_>,
    mut receivable: Receivable,
    minor: i64,
) -> Result<(Receivable, Parts, TransactionId), Refusal> {
    let account = receivable.obligor_account.filter(|_| receivable.is_running());
    let account = account.ok_or_else(|| refused_now("there is nothing to repay", "没有待清偿款项"))?;
    let owed = receivable.outstanding() + receivable.open_penalty();
    if minor > owed {
        let refusal = Refusal::from(Code::AmountInvalid);
        return Err(refusal.at("/amount/amount", format!("is more than is owed: {}", Money::new(owed, CURRENCY))));
    }
    payer(call, account, "/obligorAccountId")?;
    let day = call.today();
    let (parts, transaction) = book(call, &mut receivable, account, minor, day)?;
    Ok((receivable, parts, transaction))
}

fn book(
    call: &mut Call<'_>,
    receivable: &mut Receivable,
    account: AccountId,
    minor: i64,
    day: Date,
) -> Result<(Parts, TransactionId), Refusal> {
    let parts = receivable.pay(minor);
    let of = |minor| Money::new(minor, CURRENCY);
    let mut postings = vec![Posting::debit(account, of(minor))];
    if parts.penalty_minor > 0 {
        postings.push(Posting::credit(call.own(Purpose::InterestIncome, CURRENCY)?, of(parts.penalty_minor)));
    }
    if parts.bank_minor > 0 {
        postings.push(Posting::credit(call.own(Purpose::Factoring, CURRENCY)?, of(parts.bank_minor)));
    }
    if parts.supplier_minor > 0 {
        // What a closed account cannot take in waits to be claimed.
        let open =
            call.world.standing(receivable.supplier_account).is_some_and(|s| s.ledger.status != AccountStatus::Closed);
        let to = if open { receivable.supplier_account } else { call.own(Purpose::Suspense, CURRENCY)? };
        postings.push(Posting::credit(to, of(parts.supplier_minor)));
    }
    let booking = of_day(call, day, "应收账款清偿 Receivable repaid", receivable.id);
    let transaction = call.post_as(booking, postings)?;
    if receivable.outstanding() == 0 && receivable.open_penalty() == 0 {
        receivable.settled_on = Some(day);
        call.event("bank.receivable.settled", receivable.id, json!({}));
    }
    call.world.put(receivable.clone());
    Ok((parts, transaction))
}

/// In the evening: what is due is debited from the core enterprise as far as its account goes.
pub(crate) fn collect(call: &mut Call<'_>, day: Date) -> Result<(), Refusal> {
    let is_due = |receivable: &&Receivable| receivable.due <= day;
    let due: Vec<_> = call.world.under::<Receivable>(RUNNING, "").filter(is_due).cloned().collect();
    for mut receivable in due {
        let Some(account) = receivable.obligor_account else { continue };
        receivable.grow(day);
        let standing = call.world.standing(account).filter(|account| account.ledger.status == AccountStatus::Open);
        let spendable = standing.map_or(0, |account| account.spendable().minor());
        let minor = spendable.clamp(0, receivable.outstanding() + receivable.open_penalty());
        if minor > 0 {
            book(call, &mut receivable, account, minor, day)?;
        } else {
            call.world.put(receivable.clone());
        }
        if receivable.due == day && receivable.settled_on.is_none() {
            call.event("bank.receivable.overdue", receivable.id, json!({}));
        }
    }
    Ok(())
}

/// Where there are two organisations, one owes the other: confirmed, and one more to be confirmed.
pub(super) fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let call = &mut seeding.call;
    let parties: Vec<_> =
        call.world.all::<Party>().filter(|party| party.kind == PartyKind::Organisation).map(|p| p.id).collect();
    let account = |call: &Call<'_>, party: PartyId| {
        let mut all = call.world.under::<BankAccount>("owner", &party.to_string());
        all.find(|account| {
            account.purpose == Purpose::Current
                && call.world.standing(account.id).is_some_and(|standing| standing.ledger.currency == CURRENCY)
        })
        .map(|account| account.id)
    };
    let (Some(supplier), Some(obligor)) = (parties.first().copied(), parties.last().copied()) else { return Ok(()) };
    let (Some(supplier_account), Some(obligor_account)) = (account(call, supplier), account(call, obligor)) else {
        return Ok(());
    };
    if supplier == obligor {
        return Ok(());
    }
    let today = call.today();
    for (invoice, amount_minor, is_confirmed) in
        [("26990000000000000017", 48_000_000, true), ("26990000000000000025", 12_600_000, false)]
    {
        let draft = Draft {
            supplier,
            supplier_account,
            obligor,
            invoice: invoice.to_owned(),
            contract: "HT-2026-017".to_owned(),
            amount_minor,
            issued_on: today.plus_days(-12),
            due: today.plus_days(78),
        };
        let receivable = register(call, draft)?;
        if is_confirmed {
            confirm(call, receivable, obligor_account)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn financed(amount: i64) -> Receivable {
        let (at, entropy) = (Instant::from_unix_micros(0), SeededEntropy::new(1));
        Receivable {
            id: ReceivableId::new(at, &entropy),
            supplier: PartyId::new(at, &entropy),
            supplier_account: AccountId::new(at, &entropy),
            obligor: PartyId::new(at, &entropy),
            obligor_account: Some(AccountId::new(at, &entropy)),
            invoice: "12345678".to_owned(),
            contract: "HT".to_owned(),
            amount_minor: amount,
            issued_on: day("2026-02-25"),
            due: day("2026-05-26"),
            rejection: None,
            terms: terms::finance(terms::most(amount), day("2026-03-02"), day("2026-05-26")),
            repaid_minor: 0,
            repaid_bank_minor: 0,
            paid_penalty_minor: 0,
            penalty_billionths: 0,
            penalty_until: None,
            registered_at: at,
            confirmed_at: Some(at),
            financed_at: Some(at),
            settled_on: None,
        }
    }

    #[test]
    fn every_mistake_of_a_registration_is_named() {
        let known = financed(1_000_000);
        let draft = Draft {
            supplier: known.supplier,
            supplier_account: known.supplier_account,
            obligor: known.supplier,
            invoice: "1234567".to_owned(),
            contract: "合同".to_owned(),
            amount_minor: 1,
            issued_on: day("2026-03-03"),
            due: day("2026-03-02"),
        };
        let Err(Refusal::Refused { problem, .. }) = check(&draft, day("2026-03-02")) else { panic!("taken") };
        let at: Vec<_> = problem.errors.iter().map(|error| error.at.as_str()).collect();
        assert_eq!(at, ["/invoiceNumber", "/contractNumber", "/obligorPartyId", "/issuedOn", "/dueDate"]);
    }

    #[test]
    fn what_is_overdue_bears_penalty_on_the_banks_part() {
        let mut receivable = financed(50_000_000);
        assert_eq!(receivable.stage(day("2026-05-26")), Stage::Financed);
        receivable.grow(day("2026-06-05"));
        assert_eq!(receivable.stage(day("2026-06-05")), Stage::Overdue);
        assert_eq!((receivable.open_penalty(), receivable.days_past_due(day("2026-06-05"))), (78_750, 10));
        let parts = receivable.pay(78_750 + 45_000_000 + 1);
        assert_eq!(parts, Parts { penalty_minor: 78_750, bank_minor: 45_000_000, supplier_minor: 1 });
        assert_eq!((receivable.outstanding(), receivable.open_penalty()), (4_999_999, 0));
        receivable.grow(day("2026-07-05"));
        assert_eq!(receivable.open_penalty(), 0, "what the supplier waits for bears none");
    }

    proptest! {
        #[test]
        fn whatever_is_repaid_adds_up(amount in 100_000i64..1_000_000_000_000, steps in prop::collection::vec((0i32..40, 0i64..1_000_000_000_000), 1..12)) {
            let mut receivable = financed(amount);
            let principal = receivable.terms.unwrap().principal_minor;
            let (mut today, mut bank, mut supplier) = (day("2026-05-20"), 0, 0);
            for (days, minor) in steps {
                today = today.plus_days(days);
                receivable.grow(today);
                let owed = receivable.outstanding() + receivable.open_penalty();
                let parts = receivable.pay(minor.min(owed));
                bank += parts.bank_minor;
                supplier += parts.supplier_minor;
                prop_assert_eq!(parts.penalty_minor + parts.bank_minor + parts.supplier_minor, minor.min(owed));
                prop_assert_eq!(receivable.outstanding(), amount - bank - supplier);
                prop_assert_eq!(receivable.open_principal(), principal - bank);
                prop_assert!(supplier == 0 || bank == principal, "the bank comes first");
            }
        }
    }
}
