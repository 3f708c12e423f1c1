//! Security category (安全类别), data class and regulator's level of operations, proposed from what the contract says.
//!
//! The table is data: [`CategoryTable::default`] holds ours, a deployment may give its own. A proposal is a starting point for the
//! people who review; they may set category and data class per operation. The level follows from the operations and may only be raised.

use pano_types::{ApiLevel, DataClass, Localized};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Stable code of a category, a key of the table: `account_query`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct CategoryCode(String);

impl CategoryCode {
    /// Takes a code; whether the table knows it is checked where a table is at hand.
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CategoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Stable code.
    pub code: CategoryCode,
    /// Name on screens.
    pub name: Localized,
    /// Whether money moves.
    pub funds: bool,
    /// Least data class that its operations have.
    pub data_class: DataClass,
}

/// What suggests a category. All given conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The category suggested.
    pub category: CategoryCode,
    /// Whether the operation changes something; `None`: either.
    #[serde(default)]
    pub writes: Option<bool>,
    /// Any of these words in path, name, tags, summary or schema names; empty: no condition.
    #[serde(default)]
    pub words: BTreeSet<String>,
    /// None of these words.
    #[serde(default)]
    pub without: BTreeSet<String>,
}

/// Categories, the rules that suggest them, and the words that raise the data class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryTable {
    /// Every category.
    pub categories: Vec<Category>,
    /// Tried in order; the last ones should have no words.
    pub rules: Vec<Rule>,
    /// Words that tell of C2 data.
    pub c2_words: BTreeSet<String>,
    /// Words that tell of C3 data.
    pub c3_words: BTreeSet<String>,
}

/// Why a table cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Two categories with one code.
    #[error("category {0} stands twice")]
    Twice(CategoryCode),
    /// A rule names a category that is not there.
    #[error("a rule names the category {0}, which is not in the table")]
    Unknown(CategoryCode),
    /// Some operation would get no category.
    #[error("no rule without words and with writes = {0} ends the rules")]
    NoLast(bool),
}

/// What an operation is suggested to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Grade {
    /// Security category.
    pub category: CategoryCode,
    /// Highest data class it handles.
    pub data_class: DataClass,
}

/// What of an operation speaks for a category.
#[derive(Debug, Clone, Default)]
pub struct Signs {
    /// Whether it changes something: by BIAN action when there is one, else by method.
    pub writes: bool,
    /// Lower-case words of path, name, tags and summary.
    pub words: BTreeSet<String>,
    /// Lower-case words of the schemas that go in and out; they raise the data class but do not choose the category.
    pub schema_words: BTreeSet<String>,
}

impl CategoryTable {
    /// Checks that the table gives every operation one known category.
    ///
    /// # Errors
    /// The first fault found.
    pub fn check(&self) -> Result<(), TableError> {
        let mut seen = BTreeSet::new();
        for category in &self.categories {
            if !seen.insert(&category.code) {
                return Err(TableError::Twice(category.code.clone()));
            }
        }
        if let Some(rule) = self.rules.iter().find(|rule| !seen.contains(&rule.category)) {
            return Err(TableError::Unknown(rule.category.clone()));
        }
        for writes in [false, true] {
            let open = |r: &Rule| r.words.is_empty() && r.without.is_empty() && r.writes.is_none_or(|w| w == writes);
            if !self.rules.iter().any(open) {
                return Err(TableError::NoLast(writes));
            }
        }
        Ok(())
    }

    /// The category with this code.
    pub fn category(&self, code: &CategoryCode) -> Option<&Category> {
        self.categories.iter().find(|category| category.code == *code)
    }

    /// What an operation with these signs is suggested to be. A table that passed [`Self::check`] always has an answer; another
    /// one falls back to its first category.
    pub fn propose(&self, signs: &Signs) -> Option<Grade> {
        let rule = self.rule(signs);
        let category = rule.and_then(|rule| self.category(&rule.category)).or_else(|| self.categories.first())?;
        let tells = |words: &BTreeSet<String>| names_any(words, &signs.words) || names_any(words, &signs.schema_words);
        let by_words = if tells(&self.c3_words) {
            DataClass::C3
        } else if tells(&self.c2_words) && category.data_class > DataClass::C1 {
            DataClass::C2
        } else if signs.writes && rule.is_none_or(|rule| rule.words.is_empty()) {
            // It changes something, and nobody knows what: harmless is for a person to say.
            DataClass::C2
        } else {
            DataClass::C1
        };
        Some(Grade { category: category.code.clone(), data_class: category.data_class.max(by_words) })
    }

    /// Whether a rule with words speaks for these signs. Otherwise what is proposed is a guess, and somebody has to confirm it.
    pub fn recognises(&self, signs: &Signs) -> bool {
        self.rule(signs).is_some_and(|rule| !rule.words.is_empty())
    }

    fn rule(&self, signs: &Signs) -> Option<&Rule> {
        self.rules.iter().find(|rule| {
            rule.writes.is_none_or(|writes| writes == signs.writes)
                && (rule.words.is_empty() || names_any(&rule.words, &signs.words))
                && !names_any(&rule.without, &signs.words)
        })
    }

    /// Level of one operation: A2 when it moves funds or handles C2 or C3 (JR/T 0185—2020 §5).
    pub fn level_of(&self, grade: &Grade) -> ApiLevel {
        let funds = self.category(&grade.category).is_some_and(|category| category.funds);
        if funds || grade.data_class >= DataClass::C2 { ApiLevel::A2 } else { ApiLevel::A1 }
    }

    /// Level of a version: the highest of its operations.
    pub fn level<'a>(&self, grades: impl IntoIterator<Item = &'a Grade>) -> ApiLevel {
        grades.into_iter().map(|grade| self.level_of(grade)).max().unwrap_or(ApiLevel::A1)
    }
}

/// Whether one of `words` is among `found`. Chinese has no spaces, so a Chinese word may stand inside a longer one.
fn names_any(words: &BTreeSet<String>, found: &BTreeSet<String>) -> bool {
    let chinese = || words.iter().filter(|word| !word.is_ascii());
    !words.is_disjoint(found)
        || found.iter().filter(|f| !f.is_ascii()).any(|f| chinese().any(|word| f.contains(word.as_str())))
}

fn set(words: &str) -> BTreeSet<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

impl Default for CategoryTable {
    fn default() -> Self {
        let category = |code: &str, zh: &str, en: &str, funds: bool, data_class: DataClass| Category {
            code: CategoryCode::new(code),
            name: Localized::new(zh, en),
            funds,
            data_class,
        };
        let rule = |code: &str, writes: Option<bool>, words: &str, without: &str| Rule {
            category: CategoryCode::new(code),
            writes,
            words: set(words),
            without: set(without),
        };
        let personal = "account accounts balance balances transaction transactions customer customers party payment payments \
                        statement statements beneficiary beneficiaries payee payees consent consents loan loans mortgage \
                        contas saldo cartao cliente 账户 余额 交易 客户 流水 明细 账单 收款人 授权 持卡人 卡片";
        Self {
            categories: vec![
                category("public_information", "公开信息", "Public information", false, DataClass::C1),
                category("business_support", "业务支持", "Business support", false, DataClass::C1),
                category("account_query", "账户信息查询", "Account information query", false, DataClass::C2),
                category("information_maintenance", "信息维护", "Information maintenance", false, DataClass::C2),
                category("limited_fund_flow", "受限资金流转", "Limited fund flow", true, DataClass::C2),
                category("free_fund_flow", "自由资金流转", "Free fund flow", true, DataClass::C2),
                category("credit_guarantee", "授信担保", "Credit and guarantee", true, DataClass::C2),
                category("identity_signing", "身份与签约", "Identity and signing", false, DataClass::C3),
            ],
            rules: vec![
                rule(
                    "identity_signing",
                    None,
                    "authentication authenticate password biometric biometrics otp signature signatures signing kyc \
                     identification passcode 认证 鉴权 密码 生物识别 人脸 指纹 验证码 签约 签名 实名 身份核验 身份验证",
                    "",
                ),
                rule(
                    "free_fund_flow",
                    Some(true),
                    "payment payments transfer transfers remittance remittances withdrawal withdrawals payout payouts \
                     disbursement disbursements pagamento pagamentos pix ach transferencia 转账 付款 支付 汇款 \
                     代付 提现 取款",
                    "",
                ),
                rule(
                    "credit_guarantee",
                    Some(true),
                    "loan loans credit mortgage lending guarantee guarantees collateral underwriting leasing overdraft facility \
                     borrowing 贷款 授信 信贷 融资 担保 抵押 质押 租赁 透支 借款",
                    "currentaccount",
                ),
                rule(
                    "limited_fund_flow",
                    Some(true),
                    "deposit deposits refund refunds repayment repayments collection collections debit debits sweep settlement \
                     funding purchase redemption topup redeem clearing charge 存款 存入 退款 还款 代收 代扣 扣款 归集 结算 \
                     清算 充值 申购 认购 赎回 收款 缴费",
                    "",
                ),
                rule(
                    "public_information",
                    Some(false),
                    "product products branch branches atm atms rate rates outage outages discovery location locations calendar \
                     brand campaign news holiday status wellknown 产品 网点 分行 汇率 利率 费率 日历 公告 新闻",
                    personal,
                ),
                rule("account_query", Some(false), personal, ""),
                rule("information_maintenance", Some(true), personal, ""),
                rule("business_support", None, "", ""),
            ],
            c2_words: set(
                "account accounts iban balance balances transaction transactions customer name address phone mobile email \
                 identification passport birth party payee beneficiary creditor debtor card pan salary income cpf cnpj \
                 账户 账号 卡号 余额 交易 客户 姓名 地址 电话 手机 邮箱 身份证 证件 护照 出生 收款人 付款人 受益人 工资 收入",
            ),
            c3_words: set(
                "password passwords pin cvv cvc cvv2 passcode biometric biometrics fingerprint faceprint otp 密码 口令 验证码 \
                 指纹 人脸 生物特征",
            ),
        }
    }
}

#[cfg(test)]
mod tests;
