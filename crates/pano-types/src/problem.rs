//! Problems (RFC 9457): one table of stable codes, each with its HTTP status and its text in two languages.
//!
//! A code never changes its meaning and is never reused. `docs/errors.md` is generated from [`Code::ALL`].
//! Add a row to the section that owns it; keep the remedy something the reader can do.

use crate::text::{Lang, Localized};
use std::fmt;

macro_rules! codes {
    ($($variant:ident = $text:literal, $status:literal, $en:literal, $zh:literal, $remedy_en:literal, $remedy_zh:literal;)*) => {
        /// A stable problem code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "a code is documented by its title and remedy")]
        pub enum Code { $($variant),* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];
            /// The stable text, `area.what`.
            pub const fn text(self) -> &'static str {
                match self { $(Code::$variant => $text),* }
            }
            /// HTTP status (RFC 9110 §15).
            pub const fn status(self) -> u16 {
                match self { $(Code::$variant => $status),* }
            }
            /// What went wrong, in one line.
            pub const fn title(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Code::$variant, Lang::En) => $en, (Code::$variant, Lang::Zh) => $zh),* }
            }
            /// What the reader can do.
            pub const fn remedy(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Code::$variant, Lang::En) => $remedy_en, (Code::$variant, Lang::Zh) => $remedy_zh),* }
            }
            /// The code with this stable text.
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.text() == text)
            }
        }
    };
}

codes! {
    // Any HTTP surface.
    RequestMalformed = "request.malformed", 400, "The request cannot be read", "请求无法解析", "Correct what `detail` names and send it again.", "按 detail 的说明修正后重新发送。";
    RequestInvalid = "request.invalid", 422, "The request is well formed but not acceptable", "请求格式正确但内容不可接受", "Correct the members listed in `errors`.", "修正 errors 中列出的字段。";
    RequestTooLarge = "request.too_large", 413, "The request body is too large", "请求体过大", "Send less than the limit in `detail`.", "请求体须小于 detail 中的上限。";
    RequestHeadersTooLarge = "request.headers_too_large", 431, "The request headers are too large", "请求头过大", "Send fewer or shorter headers.", "减少或缩短请求头。";
    RequestTimeout = "request.timeout", 408, "The request did not arrive in time", "请求未在时限内到达", "Send the whole request faster, or in smaller parts.", "加快发送或拆分请求。";
    RequestFraming = "request.framing", 400, "The request's length is ambiguous", "请求长度含义不明确", "Send exactly one of Content-Length and Transfer-Encoding.", "Content-Length 与 Transfer-Encoding 只能且必须发送其一。";
    NotFound = "resource.not_found", 404, "There is no such resource", "资源不存在", "Check the identifier.", "检查标识是否正确。";
    MethodNotAllowed = "request.method_not_allowed", 405, "The method is not offered here", "该地址不支持此方法", "Use one of the methods in the Allow header.", "使用 Allow 响应头列出的方法。";
    UnsupportedMediaType = "request.unsupported_media_type", 415, "The media type is not supported", "不支持该媒体类型", "Send one of the media types in the contract.", "使用接口契约规定的媒体类型。";
    Conflict = "resource.conflict", 409, "The request conflicts with what is there", "请求与现有数据冲突", "Read the resource again and decide anew.", "重新读取资源后再决定。";
    PreconditionFailed = "resource.changed", 412, "The resource has changed since it was read", "资源在读取之后已被修改", "Read it again and repeat with the new ETag.", "重新读取并使用新的 ETag。";
    PreconditionRequired = "resource.precondition_required", 428, "The change must name the version it is based on", "修改必须指明所基于的版本", "Send If-Match with the ETag that was read.", "在 If-Match 中携带读取到的 ETag。";
    IdempotencyKeyReused = "idempotency.key_reused", 422, "The idempotency key was used with another request", "幂等键已用于另一请求", "Use a new key for a new request.", "新请求请使用新的幂等键。";
    IdempotencyInProgress = "idempotency.in_progress", 409, "A request with this idempotency key is still running", "使用该幂等键的请求仍在处理", "Wait and repeat the same request.", "稍候以相同请求重试。";
    IdempotencyKeyRequired = "idempotency.key_required", 400, "An Idempotency-Key is required", "缺少幂等键", "Send an Idempotency-Key header of 1 to 255 visible ASCII characters.", "请求头 Idempotency-Key 为 1 至 255 个可见 ASCII 字符。";
    CursorInvalid = "page.cursor_invalid", 400, "The page cursor is not one of ours", "分页游标无效", "Start again without a cursor.", "不带游标重新查询。";
    Internal = "internal", 500, "Something failed on our side", "系统内部错误", "Try again; if it stays, report the trace id.", "请重试；若仍失败，请提供跟踪号。";
    Unavailable = "unavailable", 503, "The service is not ready", "服务尚未就绪", "Try again after the Retry-After time.", "请在 Retry-After 之后重试。";

    // Admin API: operators, roles, approvals.
    OperatorUnauthenticated = "operator.unauthenticated", 401, "The operator is not authenticated", "操作员未认证", "Send a valid API token as `Authorization: Bearer`.", "在 Authorization: Bearer 中携带有效令牌。";
    OperatorForbidden = "operator.forbidden", 403, "The operator's roles do not allow this", "操作员角色无此权限", "Ask someone with one of the roles in `detail`.", "请由具备 detail 中所列角色的人员操作。";
    BootstrapUsed = "operator.bootstrap_used", 403, "The bootstrap secret has been used", "初始化密钥已使用", "Use an operator's API token.", "请使用操作员令牌。";
    SameChecker = "review.same_person", 403, "Maker and checker must be two people", "制单与复核不能为同一人", "Have another operator approve it.", "请由另一位操作员复核。";
    LifecycleRefused = "lifecycle.refused", 409, "The move is not possible from this state", "当前状态不允许此操作", "See `detail` for the state and the moves it allows.", "参见 detail 中的当前状态与可行操作。";
    GateRefused = "lifecycle.gate", 409, "A gate's checks are not met", "未满足准入检查", "Meet the checks listed in `errors`.", "满足 errors 中列出的检查项。";

    // Documents.
    DocumentRefused = "document.refused", 422, "The API description was refused", "接口描述文件被拒绝", "See the findings in `errors`: file, JSON pointer and reason.", "参见 errors 中的文件、JSON 指针与原因。";
    IdentificationCodeInvalid = "catalog.identification_code", 422, "The identification code is not valid", "接口标识码无效", "Use OP, bank code (6), level (2), category (6) and serial (8), ASCII letters and digits.", "按 OP、银行代码 6 位、等级 2 位、类别 6 位、自定义 8 位编制。";

    // Partners, apps, credentials.
    PrivateKeySent = "credential.private_key", 422, "A private key was sent; it must be considered disclosed", "收到了私钥，应视为已泄露", "Make a new key pair and register only its public half.", "重新生成密钥对，只登记公钥。";
    KeyRefused = "credential.key_refused", 422, "The key or certificate was refused", "密钥或证书被拒绝", "Use P-256 (ES256), Ed25519 (EdDSA) or RSA of at least 2048 bits (PS256).", "使用 P-256、Ed25519 或 2048 位以上 RSA 密钥。";
    CertificationRequired = "subscription.certification_required", 409, "The app holds no valid certificate for this API in production", "应用未取得该接口生产环境所需的认证", "Pass the certification run named in `detail` in the sandbox, then ask again.", "请先在沙箱通过 detail 所列档次的上线认证，再次申请。";

    // Gateway: identify and authorise.
    TokenMissing = "gateway.token_missing", 401, "No access token was sent", "未携带访问令牌", "Send `Authorization: Bearer` with an access token.", "在 Authorization: Bearer 中携带访问令牌。";
    TokenInvalid = "gateway.token_invalid", 401, "The access token is not valid", "访问令牌无效", "Get a new token from the token endpoint.", "请重新获取访问令牌。";
    TokenExpired = "gateway.token_expired", 401, "The access token has expired", "访问令牌已过期", "Get a new token from the token endpoint.", "请重新获取访问令牌。";
    TokenRevoked = "gateway.token_revoked", 401, "The access token was revoked", "访问令牌已被撤销", "Get a new token, if the app is still admitted.", "若应用仍被准入，请重新获取令牌。";
    AppUnknown = "gateway.app_unknown", 403, "The app is not known or not active", "应用不存在或未启用", "Check the app's state with the operator.", "请向平台运营确认应用状态。";
    NotSubscribed = "gateway.not_subscribed", 403, "The app has no subscription to this API", "应用未订阅该接口", "Subscribe the app to the API and wait for approval.", "请先订阅该接口并等待审批。";
    ScopeMissing = "gateway.scope_missing", 403, "The token lacks a scope that this operation needs", "令牌缺少该操作所需的权限范围", "Ask for a token with the scopes in `detail`.", "请申请包含 detail 所列范围的令牌。";
    CertificateForeign = "gateway.certificate_foreign", 401, "The client certificate is not one of the app's", "客户端证书不是该应用登记的证书", "Connect with a certificate that is registered for the app, or register this one.", "请使用该应用已登记的证书连接，或先登记该证书。";

    // Gateway: route and protect.
    RouteUnknown = "gateway.route_unknown", 404, "No published operation answers this address", "没有已发布的接口匹配该地址", "Check host, path and version against the API's document.", "对照接口文档检查主机、路径与版本。";
    VersionRetired = "gateway.version_retired", 410, "This version of the API has been retired", "该接口版本已下线", "Move to the version in the Link header or the API's page.", "请迁移到新版本。";
    RateLimited = "gateway.rate_limited", 429, "Too many requests", "请求过于频繁", "Slow down; see Retry-After and RateLimit.", "请降低频率，参见 Retry-After 与 RateLimit。";
    QuotaExceeded = "gateway.quota_exceeded", 429, "The day's quota is used up", "当日配额已用完", "Wait for the next day (UTC) or change the plan.", "请等待次日（UTC）或更换套餐。";
    BodyInvalid = "gateway.body_invalid", 400, "The request does not meet the API's contract", "请求不符合接口契约", "Correct the members listed in `errors`.", "修正 errors 中列出的字段。";

    // Gateway: forward. The title says whose fault it was.
    UpstreamUnreachable = "gateway.upstream_unreachable", 502, "The provider cannot be reached", "能力提供方不可达", "Try again later; the request was not carried out.", "请稍后重试，请求未被执行。";
    UpstreamFailed = "gateway.upstream_failed", 502, "The provider broke off or answered nonsense", "能力提供方应答异常", "Repeat only with the same Idempotency-Key: it may have been carried out.", "请求可能已执行，请使用相同幂等键重试。";
    UpstreamTimeout = "gateway.upstream_timeout", 504, "The provider did not answer in time", "能力提供方超时未应答", "Repeat only with the same Idempotency-Key: it may have been carried out.", "请求可能已执行，请使用相同幂等键重试。";
    CircuitOpen = "gateway.circuit_open", 503, "The operation is switched off for a moment because it keeps failing", "该操作因持续失败而暂时熔断", "Try again after the Retry-After time; the request was not carried out.", "请在 Retry-After 之后重试，请求未被执行。";
    NoSnapshot = "gateway.no_snapshot", 503, "The gateway has no configuration yet", "网关尚未取得配置", "Try again shortly.", "请稍后重试。";

    // Sandbox bank.
    AccountNotFound = "bank.account_not_found", 404, "There is no such account", "账户不存在", "Check the account identifier.", "检查账户标识。";
    InsufficientFunds = "bank.insufficient_funds", 422, "The account does not hold enough", "余额不足", "Reduce the amount or fund the account.", "减少金额或补足余额。";
    LimitExceeded = "bank.limit_exceeded", 422, "The amount is over a limit of the account", "金额超过账户限额", "See the limit in `detail`.", "参见 detail 中的限额。";
    CurrencyMismatch = "bank.currency_mismatch", 422, "The currencies do not match", "币种不一致", "Use the account's currency.", "请使用账户币种。";
    AmountInvalid = "bank.amount_invalid", 422, "The amount is not acceptable", "金额无效", "Send a positive decimal string with the currency's digits.", "金额须为正数，且小数位符合币种规定。";
    BankCallerUnknown = "bank.caller_unknown", 401, "The bank takes calls only from the gateway", "银行仅接受网关调用", "Call the API through the gateway, with an access token.", "请携带访问令牌经网关调用。";
    BankClientIdRequired = "bank.client_id_required", 400, "The call does not say for which app and partner it is made", "调用未注明所属应用与合作方", "The gateway must send X-Client-Id and X-Partner-Id.", "网关须发送 X-Client-Id 与 X-Partner-Id。";
    PartyNotFound = "bank.party_not_found", 404, "There is no such party", "客户不存在", "Check the party identifier.", "检查客户标识。";
    PaymentNotFound = "bank.payment_not_found", 404, "There is no such payment of this app", "该应用没有这笔支付", "Check the payment identifier; an app sees only its own payments.", "检查支付标识；应用只能查询自己发起的支付。";
    AccountFrozen = "bank.account_frozen", 422, "The account is frozen or closed", "账户已冻结或销户", "Use another account, or have the freeze lifted.", "请更换账户或先解除冻结。";
    PayeeUnknown = "bank.payee_unknown", 422, "There is no payee of this name and account number", "收款人户名与账号不符", "Check name, account number and bank with the payee.", "请与收款人核对户名、账号与开户行。";
    FraudSuspected = "bank.fraud_suspected", 422, "The payment looks like fraud and was stopped", "交易涉嫌欺诈，已拦截", "Have the customer confirm the payee by another way, or call the bank.", "请通过其他途径核实收款人，或联系银行。";
    ReviewRejected = "bank.review_rejected", 422, "The payment did not pass the review against money laundering", "交易未通过反洗钱审核", "Nothing more can be done with this payment; the amount is available again.", "该笔支付已终止，金额已解冻。";
    SandboxFull = "bank.sandbox_full", 422, "The sandbox is full", "沙箱已满", "Reset the sandbox, or restore a snapshot.", "请重置沙箱或恢复快照。";
    Unsuitable = "bank.unsuitable", 422, "The product or purpose does not suit this customer", "产品或用途不适合该客户", "See `detail` for what is missing or not allowed.", "参见 detail 中的缺项或限制。";
    CardNotActive = "bank.card_not_active", 422, "The card is frozen, closed or expired", "银行卡已冻结、注销或过期", "Use another card, or have the freeze lifted.", "请更换银行卡或先解冻。";
    CodeWrong = "bank.code_wrong", 422, "The code is not the one that was sent", "验证码错误", "Ask the customer again; `detail` says how many attempts are left.", "请客户重新输入，剩余次数见 detail。";
    ChallengeUnverified = "bank.challenge_unverified", 422, "The challenge is not verified, is over or has been used", "验证未通过、已失效或已使用", "Begin a new challenge and have the customer answer it.", "请重新发起验证并由客户完成。";
    WebhookAddressRefused = "webhook.address_refused", 422, "The address cannot be a webhook endpoint", "该地址不能作为事件接收地址", "Use an https address that leads to a public host, without user, password or fragment.", "请使用指向公网主机的 https 地址，不含用户、密码与片段。";
    SameAccount = "bank.same_account", 422, "Payer and payee are the same account", "付款与收款账户相同", "Name two different accounts.", "请指定两个不同的账户。";
    KycRequired = "bank.kyc_required", 422, "The customer's identity has to be verified anew", "客户身份信息须重新核实", "Review the customer's due diligence, then repeat the request.", "请先更新客户身份信息，再重试。";

    // Mock.
    MockVersionUnknown = "mock.version_unknown", 404, "There is no published API version with this identifier", "没有该标识对应的接口版本", "Check the version identifier in the capability library.", "在能力库中核对版本标识。";
    MockOperationUnknown = "mock.operation_unknown", 404, "The API's document has no such operation", "接口文档中没有该操作", "Check method and path against the API's document.", "对照接口文档检查方法与路径。";
    MockResponseUnknown = "mock.response_unknown", 400, "The document describes no such response", "文档未描述所要求的应答", "Ask in `Prefer: code=…` for a status that the operation documents.", "在 Prefer: code=… 中使用该操作已有的状态码。";
}

/// One thing that is wrong, inside a [`Problem`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where: a JSON pointer (RFC 6901) into the body, or `file#pointer`, or the name of a parameter or header.
    pub at: String,
    /// What, with the rule that refused it. Never the offending C2/C3 value.
    pub reason: Localized,
}

/// A problem on its way to a reader. Serialised by `pano-http` as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which problem.
    pub code: Code,
    /// What in particular. Safe to show: no secret, no personal value, no internal name.
    pub detail: Option<Localized>,
    /// Every single mistake, when there can be several.
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem without particulars.
    pub const fn new(code: Code) -> Self {
        Self { code, detail: None, errors: Vec::new() }
    }
    /// With a detail that is safe to show: `(english, chinese)`, or one text that is the same in both languages.
    pub fn detail(mut self, detail: impl Into<Localized>) -> Self {
        self.detail = Some(detail.into());
        self
    }
    /// With one more mistake; its reason as in [`Self::detail`].
    pub fn error(mut self, at: impl Into<String>, reason: impl Into<Localized>) -> Self {
        self.errors.push(FieldError { at: at.into(), reason: reason.into() });
        self
    }
    /// The wire form (RFC 9457 §3, with `code`, `trace_id`, `remedy` and `errors` as extension members).
    pub fn to_json(&self, lang: Lang, trace_id: &str) -> serde_json::Value {
        let mut json = serde_json::json!({
            "type": format!("https://panorama.example/errors#{}", self.code.text()),
            "title": self.code.title(lang),
            "status": self.code.status(),
            "code": self.code.text(),
            "remedy": self.code.remedy(lang),
            "trace_id": trace_id,
        });
        if let Some(members) = json.as_object_mut() {
            if let Some(detail) = &self.detail {
                members.insert("detail".into(), detail.get(lang).into());
            }
            if !self.errors.is_empty() {
                let errors = self
                    .errors
                    .iter()
                    .map(|e| serde_json::json!({ "at": e.at, "reason": e.reason.get(lang) }))
                    .collect();
                members.insert("errors".into(), serde_json::Value::Array(errors));
            }
        }
        json
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.text(), self.code.title(Lang::En))?;
        self.detail.iter().try_for_each(|detail| write!(f, ": {}", detail.get(Lang::En)))
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = std::collections::HashSet::new();
        for &code in Code::ALL {
            assert!(seen.insert(code.text()), "{} stands twice", code.text());
            assert!(code.text().bytes().all(|b| b.is_ascii_lowercase() || b == b'.' || b == b'_'));
            assert!((400..600).contains(&code.status()));
            assert_eq!(Code::from_text(code.text()), Some(code));
            for lang in [Lang::Zh, Lang::En] {
                assert!(!code.title(lang).is_empty() && !code.remedy(lang).is_empty());
            }
        }
    }

    #[test]
    fn the_wire_form_has_the_members_of_rfc_9457() {
        let problem = Problem::new(Code::BodyInvalid).detail("A1").error("/amount", ("must be a string", "须为文本"));
        let json = problem.to_json(Lang::Zh, "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(json["status"], 400);
        assert_eq!(json["code"], "gateway.body_invalid");
        assert_eq!(json["errors"][0], serde_json::json!({ "at": "/amount", "reason": "须为文本" }));
        assert_eq!(json["detail"], "A1", "what is the same in both languages stands in both");
        assert_eq!(problem.to_json(Lang::En, "")["errors"][0]["reason"], "must be a string");
        assert!(json["title"].as_str().unwrap().contains('契'));
    }
}
