//! The scripts: steps, and what shows that one is met.

use super::{Drill, Observation, Source};

/// The steps of a profile.
#[derive(Debug)]
pub struct Script {
    /// Grows when a step is added or asks for more.
    pub version: u32,
    /// The least version whose certificates still count: raise it with a step that every app must have shown.
    pub least: u32,
    /// Name on screens, Chinese.
    pub zh: &'static str,
    /// Name on screens, English.
    pub en: &'static str,
    parts: &'static [&'static [ScriptStep]],
}

impl Script {
    /// Its steps in order.
    pub fn steps(&self) -> impl Iterator<Item = &'static ScriptStep> + use<> {
        self.parts.iter().copied().flatten()
    }
}

/// One step.
#[derive(Debug)]
pub struct ScriptStep {
    /// Stable name, unique in every script.
    pub name: &'static str,
    /// What it asks for, Chinese.
    pub zh: &'static str,
    /// What it asks for, English.
    pub en: &'static str,
    /// What shows it.
    pub sight: Sight,
    /// Counts only after this step.
    pub after: Option<&'static str>,
}

/// What shows that a step is met.
#[derive(Debug, Clone, Copy)]
pub enum Sight {
    /// A token was given out on the app's own signature.
    Token,
    /// The sandbox answered one of these operations with this status and, if one is named, this problem.
    Answer(&'static [&'static str], u16, Option<&'static str>),
    /// The gateway refused a call with one of these problems.
    Refused(&'static [&'static str]),
    /// The app came through a drill.
    Drill(Drill),
}

impl Sight {
    pub(super) fn shows(&self, seen: &Observation<'_>) -> bool {
        match (self, seen.source) {
            (Self::Token, Source::TokenService) => true,
            (Self::Answer(operations, status, code), Source::Sandbox) => {
                seen.operation.is_some_and(|operation| operations.contains(&operation))
                    && seen.status == Some(*status)
                    && (code.is_none() || seen.code == *code)
            }
            (Self::Refused(codes), Source::Gateway) => seen.code.is_some_and(|code| codes.contains(&code)),
            (Self::Drill(drill), Source::Sandbox) => seen.drill == Some(*drill),
            (Self::Token | Self::Answer(..) | Self::Refused(_) | Self::Drill(_), _) => false,
        }
    }
}

/// Operations that order a payment: the drills use them.
pub const PAYMENTS: &[&str] = &["initiateInternalTransfer", "initiateDomesticPayment"];
/// The operation that the rate-limit drill uses.
pub const LIMITED: &str = "listAccountTransactions";

const fn step(
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    sight: Sight,
    after: Option<&'static str>,
) -> ScriptStep {
    ScriptStep { name, zh, en, sight, after }
}

const READ: &[ScriptStep] = &[
    step(
        "signature",
        "以自有密钥签名（private_key_jwt）取得令牌",
        "Get a token with a signature of the app's own key (private_key_jwt)",
        Sight::Token,
        None,
    ),
    step("accounts", "查询账户列表成功", "List the accounts", Sight::Answer(&["listAccounts"], 200, None), None),
    step(
        "balances",
        "查询一个账户的余额成功",
        "Read the balances of an account",
        Sight::Answer(&["retrieveAccountBalances"], 200, None),
        None,
    ),
    step(
        "not-found",
        "查询不存在的账户并收到 bank.account_not_found",
        "Ask for an account that is not there and receive bank.account_not_found",
        Sight::Answer(&["retrieveAccount", "retrieveAccountBalances", LIMITED], 404, Some("bank.account_not_found")),
        None,
    ),
    step(
        "not-permitted",
        "调用无权的操作并收到 gateway.scope_missing 或 gateway.not_subscribed",
        "Call what the app has no right to and receive gateway.scope_missing or gateway.not_subscribed",
        Sight::Refused(&["gateway.scope_missing", "gateway.not_subscribed"]),
        None,
    ),
    step(
        "rate-limit",
        "查询交易明细，首次会收到 429；按 Retry-After 等待后再次查询成功",
        "List transactions: the first call is answered 429; wait as Retry-After says, then list them",
        Sight::Drill(Drill::Waited),
        None,
    ),
];

const PAY: &[ScriptStep] = &[
    step("payment", "发起一笔支付成功", "Order a payment", Sight::Answer(PAYMENTS, 201, None), None),
    step(
        "payment-status",
        "查询支付状态成功",
        "Read where a payment stands",
        Sight::Answer(&["retrievePaymentStatus", "retrievePayment"], 200, None),
        Some("payment"),
    ),
    step(
        "insufficient-funds",
        "发起超出余额的支付并收到 bank.insufficient_funds",
        "Order more than the account holds and receive bank.insufficient_funds",
        Sight::Answer(PAYMENTS, 422, Some("bank.insufficient_funds")),
        None,
    ),
    step(
        "contract",
        "发送不符合契约的请求并收到 gateway.body_invalid",
        "Send what does not meet the contract and receive gateway.body_invalid",
        Sight::Refused(&["gateway.body_invalid"]),
        None,
    ),
    step(
        "idempotency",
        "再发起一笔支付：沙箱执行后应答 503；以相同幂等键重发并得到首次结果",
        "Order one more payment: the sandbox carries it out and answers 503; repeat it with the same key and receive the first answer",
        Sight::Drill(Drill::Repeated),
        Some("payment"),
    ),
];

/// Account information.
pub static ACCOUNT_INFORMATION: Script =
    Script { version: 1, least: 1, zh: "账户信息", en: "Account information", parts: &[READ] };
/// Payments.
pub static PAYMENT: Script = Script { version: 1, least: 1, zh: "支付", en: "Payment", parts: &[READ, PAY] };
