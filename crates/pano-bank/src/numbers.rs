//! Test numbers: values that lead to a named outcome, the same in every sandbox, so that an app can be tried against
//! refusals that otherwise need a customer's misfortune. `docs/test-numbers.md` is written from this table.
//!
//! A room asks [`outcome`] for the place where a value stands and does what the outcome says. All numbers pass their check
//! digits and lie in ranges that were never issued; none is a customer's of a seed.

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Refused with `bank.insufficient_funds`, whatever the balance.
    InsufficientFunds,
    /// Refused with `bank.account_frozen`.
    AccountFrozen,
    /// Refused with `bank.payee_unknown`: no account of this number and name.
    PayeeUnknown,
    /// Refused with `bank.fraud_suspected`.
    FraudSuspected,
    /// Refused with `bank.limit_exceeded`.
    LimitExceeded,
    /// Accepted, held for review against money laundering, and rejected an hour later with `bank.review_rejected`.
    ReviewRejected,
    /// Accepted, held for review against money laundering, and settled an hour later.
    ReviewPassed,
    /// Accepted, then rejected by the other bank with `bank.payee_unknown` in the next round.
    ReturnedByBank,
    /// No answer within the time limit; carried out all the same.
    TimeOut,
    /// Declined by the bank's or the insurer's decision, whatever speaks for it.
    Declined,
    /// Referred to a person at the bank, who decides an hour later by the usual rules.
    Referred,
    /// The face is the customer's.
    FaceMatch,
    /// The face is another's.
    FaceNoMatch,
    /// The face is no living person's.
    FaceNotLive,
}

impl Outcome {
    /// The stable code, on the wire and in the documentation.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "INSUFFICIENT_FUNDS",
            Self::AccountFrozen => "ACCOUNT_FROZEN",
            Self::PayeeUnknown => "PAYEE_UNKNOWN",
            Self::FraudSuspected => "FRAUD_SUSPECTED",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::ReviewRejected => "REVIEW_REJECTED",
            Self::ReviewPassed => "REVIEW_PASSED",
            Self::ReturnedByBank => "RETURNED_BY_BANK",
            Self::TimeOut => "TIME_OUT",
            Self::Declined => "DECLINED",
            Self::Referred => "REFERRED",
            Self::FaceMatch => "FACE_MATCH",
            Self::FaceNoMatch => "FACE_NO_MATCH",
            Self::FaceNotLive => "FACE_NOT_LIVE",
        }
    }
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Number of the account that a domestic payment goes to.
    PayeeAccount,
    /// Amount of a payment, decimal, in any currency with two digits.
    PaymentAmount,
    /// Amount of a purchase with a card.
    CardPurchaseAmount,
    /// Amount that is asked for in a loan application.
    LoanAmount,
    /// Number of the account abroad that a remittance goes to.
    RemittanceAccount,
    /// Sum insured of an insurance quote.
    SumInsured,
    /// Recorded picture of a face match.
    FaceReference,
}

impl Place {
    /// The stable code, on the wire and in the documentation.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PayeeAccount => "PAYEE_ACCOUNT_NUMBER",
            Self::PaymentAmount => "PAYMENT_AMOUNT",
            Self::CardPurchaseAmount => "CARD_PURCHASE_AMOUNT",
            Self::LoanAmount => "LOAN_AMOUNT",
            Self::RemittanceAccount => "REMITTANCE_ACCOUNT_NUMBER",
            Self::SumInsured => "SUM_INSURED",
            Self::FaceReference => "FACE_REFERENCE",
        }
    }
}

/// One test number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Where it stands.
    pub place: Place,
    /// The value.
    pub value: &'static str,
    /// What happens.
    pub outcome: Outcome,
    /// The same in words, Chinese.
    pub zh: &'static str,
    /// The same in words, English.
    pub en: &'static str,
}

const fn row(place: Place, value: &'static str, outcome: Outcome, zh: &'static str, en: &'static str) -> Row {
    Row { place, value, outcome, zh, en }
}

/// All of them.
pub const TABLE: &[Row] = &[
    row(
        Place::PayeeAccount,
        "6200000099000015",
        Outcome::PayeeUnknown,
        "拒绝：bank.payee_unknown，收款账号户名不符",
        "Refused with bank.payee_unknown: no account of this number and name",
    ),
    row(
        Place::PayeeAccount,
        "6200000099000023",
        Outcome::AccountFrozen,
        "拒绝：bank.account_frozen，收款账户已冻结",
        "Refused with bank.account_frozen: the payee's account takes nothing in",
    ),
    row(
        Place::PayeeAccount,
        "6200000099000031",
        Outcome::FraudSuspected,
        "拒绝：bank.fraud_suspected，收款账户涉嫌欺诈",
        "Refused with bank.fraud_suspected: the payee is on a list of suspects",
    ),
    row(
        Place::PayeeAccount,
        "6200000099000049",
        Outcome::ReviewRejected,
        "受理后进入反洗钱审核，一小时后拒绝：bank.review_rejected",
        "Accepted, reviewed against money laundering, rejected an hour later with bank.review_rejected",
    ),
    row(
        Place::PayeeAccount,
        "6200000099000056",
        Outcome::ReviewPassed,
        "受理后进入反洗钱审核，一小时后入账",
        "Accepted, reviewed against money laundering, settled an hour later",
    ),
    row(
        Place::PayeeAccount,
        "6200000099000064",
        Outcome::ReturnedByBank,
        "受理后由收款行退回：bank.payee_unknown",
        "Accepted, then returned by the other bank with bank.payee_unknown",
    ),
    row(
        Place::PaymentAmount,
        "4.01",
        Outcome::InsufficientFunds,
        "拒绝：bank.insufficient_funds，与余额无关",
        "Refused with bank.insufficient_funds, whatever the balance",
    ),
    row(
        Place::PaymentAmount,
        "4.02",
        Outcome::LimitExceeded,
        "拒绝：bank.limit_exceeded，与限额无关",
        "Refused with bank.limit_exceeded, whatever the limits",
    ),
    row(
        Place::PaymentAmount,
        "4.03",
        Outcome::FraudSuspected,
        "拒绝：bank.fraud_suspected，交易触发反欺诈规则",
        "Refused with bank.fraud_suspected: the payment looks like fraud",
    ),
    row(
        Place::PaymentAmount,
        "4.08",
        Outcome::TimeOut,
        "指令已执行但不返回应答，用于验证超时后以相同幂等键重试",
        "Carried out without an answer in time: repeat it with the same idempotency key",
    ),
    row(
        Place::CardPurchaseAmount,
        "4.01",
        Outcome::InsufficientFunds,
        "拒绝：bank.insufficient_funds，与余额及额度无关",
        "Refused with bank.insufficient_funds, whatever the balance or credit",
    ),
    row(
        Place::CardPurchaseAmount,
        "4.02",
        Outcome::LimitExceeded,
        "拒绝：bank.limit_exceeded，与限额无关",
        "Refused with bank.limit_exceeded, whatever the limits",
    ),
    row(
        Place::CardPurchaseAmount,
        "4.03",
        Outcome::FraudSuspected,
        "拒绝：bank.fraud_suspected，消费触发反欺诈规则",
        "Refused with bank.fraud_suspected: the purchase looks like fraud",
    ),
    row(
        Place::LoanAmount,
        "12000.01",
        Outcome::Declined,
        "申请未通过，与收入及信用无关",
        "The application is declined, whatever speaks for it",
    ),
    row(
        Place::LoanAmount,
        "12000.02",
        Outcome::Referred,
        "转人工审批，一小时后按通常规则决定",
        "The application is referred and decided an hour later by the usual rules",
    ),
    row(
        Place::RemittanceAccount,
        "TESTREVIEWREJECTED",
        Outcome::ReviewRejected,
        "受理后被制裁名单筛查拦下，一小时后撤销并退回款项",
        "Accepted, held by screening, cancelled an hour later; the money comes back",
    ),
    row(
        Place::RemittanceAccount,
        "TESTREVIEWPASSED",
        Outcome::ReviewPassed,
        "受理后被制裁名单筛查拦下，一小时后放行",
        "Accepted, held by screening, let through an hour later",
    ),
    row(
        Place::RemittanceAccount,
        "TESTRETURNED",
        Outcome::ReturnedByBank,
        "起息日日终被境外银行退回，本金与费用退回原账户",
        "Returned by the bank abroad in the evening of the value date; principal and fees come back",
    ),
    row(
        Place::SumInsured,
        "66666.01",
        Outcome::Declined,
        "拒绝报价：bank.unsuitable，保险公司拒保",
        "No quote, refused with bank.unsuitable: the insurer declines the risk",
    ),
    row(
        Place::FaceReference,
        "FACE-0001",
        Outcome::FaceMatch,
        "MATCH：本人，光线良好",
        "MATCH: the person, in good light",
    ),
    row(
        Place::FaceReference,
        "FACE-0002",
        Outcome::FaceMatch,
        "MATCH：本人，勉强达到阈值",
        "MATCH: the person, just above the threshold",
    ),
    row(
        Place::FaceReference,
        "FACE-0003",
        Outcome::FaceNoMatch,
        "NO_MATCH：本人，差一点达到阈值",
        "NO_MATCH: the person, just below the threshold",
    ),
    row(Place::FaceReference, "FACE-0004", Outcome::FaceNoMatch, "NO_MATCH：他人", "NO_MATCH: another person"),
    row(
        Place::FaceReference,
        "FACE-0005",
        Outcome::FaceNotLive,
        "NOT_LIVE：屏幕翻拍",
        "NOT_LIVE: a picture of a screen",
    ),
    row(Place::FaceReference, "FACE-0006", Outcome::FaceNotLive, "NOT_LIVE：面具", "NOT_LIVE: a mask"),
];

/// The outcome of a value in a place, if it is a test number.
pub fn outcome(place: Place, value: &str) -> Option<Outcome> {
    TABLE.iter().find(|row| row.place == place && row.value == value).map(|row| row.outcome)
}

/// `docs/test-numbers.md`.
pub fn markdown() -> String {
    let mut out = String::from(
        "<!-- Written by `./dev generate` from crates/pano-bank/src/numbers.rs; edit the table there. -->\n\n# Test numbers 测试号码\n\nValues that lead to a named outcome, the same in every sandbox.\n\n以下取值在所有沙箱中触发固定结果。本页由代码生成。\n\n| where 位置 | value 取值 | outcome 结果 | meaning 说明 |\n|---|---|---|---|\n",
    );
    for row in TABLE {
        let (place, outcome) = (row.place.code(), row.outcome.code());
        out.push_str(&format!("| `{place}` | `{}` | `{outcome}` | {}<br>{} |\n", row.value, row.en, row.zh));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::number::luhn_check;

    /// Written anew with `PANORAMA_WRITE_DOCS=1`, as `./dev generate` does.
    #[test]
    fn the_page_of_numbers_is_as_written() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/test-numbers.md");
        if std::env::var_os("PANORAMA_WRITE_DOCS").is_some() {
            std::fs::write(page, markdown()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(page).unwrap(), markdown(), "run ./dev generate");
    }

    #[test]
    fn numbers_pass_their_checks_and_stand_once() {
        for (place, row) in TABLE.iter().enumerate() {
            if row.place == Place::PayeeAccount {
                let (digits, check) = row.value.split_at(row.value.len() - 1);
                assert_eq!(luhn_check(digits).to_string(), check, "{}", row.value);
            }
            assert_eq!(outcome(row.place, row.value), Some(row.outcome));
            assert!(TABLE[place + 1..].iter().all(|other| (other.place, other.value) != (row.place, row.value)));
        }
        assert_eq!(outcome(Place::PaymentAmount, "4.00"), None);
    }
}
