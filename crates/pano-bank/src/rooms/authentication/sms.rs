//! SMS codes: sent to nobody, checked like real ones.

use crate::call::{Answer, Call, Input, Refusal};
use crate::model::party::Party;
use crate::rooms::words::masked_phone;
use crate::wire::Listed;
use crate::world::Entity;
use pano_types::id::SmsChallengeId;
use pano_types::{Code, Date, Entropy as _, Instant};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a code holds.
const HOLDS: Duration = Duration::from_secs(300);
/// How long what was answered rightly confirms something.
const CONFIRMS: Duration = Duration::from_secs(300);
/// Least time between two messages to a telephone.
const PAUSE: Duration = Duration::from_secs(60);
/// How long messages are kept.
const KEPT: Duration = Duration::from_secs(7 * 86_400);
const ATTEMPTS: u32 = 3;

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Purpose {
    Login,
    Payment,
    Signing,
    Binding,
}

impl Purpose {
    const fn zh(self) -> &'static str {
        match self {
            Self::Login => "登录",
            Self::Payment => "支付确认",
            Self::Signing => "签署确认",
            Self::Binding => "绑定账户",
        }
    }
}

/// Where a challenge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum State {
    Sent,
    Verified,
    /// Verified, and used for what it was for.
    Used,
}

/// A code that was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) id: SmsChallengeId,
    pub(crate) app: String,
    /// C2.
    pub(crate) phone: String,
    pub(crate) purpose: Purpose,
    /// C3; of the sandbox, where nothing is behind it.
    code: String,
    pub(crate) state: State,
    #[serde(default)]
    verified_at: Option<Instant>,
    attempts_left: u32,
    sent_at: Instant,
    expires_at: Instant,
}

impl Challenge {
    /// Whether it confirms something at `now`: it was answered rightly, not long ago, and was not used.
    pub(crate) fn confirms(&self, now: Instant) -> bool {
        self.state == State::Verified && self.verified_at.is_some_and(|at| now < at.plus(CONFIRMS))
    }
}

const BY_PHONE: &str = "phone";

impl Entity for Challenge {
    const KIND: &'static str = "sms.challenge";
    type Id = SmsChallengeId;
    fn id(&self) -> SmsChallengeId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_PHONE, self.phone.clone());
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    challenge_id: SmsChallengeId,
    status: &'static str,
    purpose: Purpose,
    masked_phone: String,
    attempts_left: u32,
    expires_at: Instant,
}

impl From<&Challenge> for View {
    fn from(challenge: &Challenge) -> Self {
        Self {
            challenge_id: challenge.id,
            status: if challenge.state == State::Sent { "SENT" } else { "VERIFIED" },
            purpose: challenge.purpose,
            masked_phone: masked_phone(&challenge.phone),
            attempts_left: challenge.attempts_left,
            expires_at: challenge.expires_at,
        }
    }
}

/// A telephone of the made-up range.
pub(super) fn is_phone(text: &str) -> bool {
    text.strip_prefix("+86120").is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|b| b.is_ascii_digit()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SendForm {
    phone: String,
    purpose: Purpose,
}

pub(super) fn send(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: SendForm = input.body()?;
    if !is_phone(&form.phone) {
        return Err(Refusal::from(Code::RequestInvalid).at("/phone", "must be +86120 and 8 digits"));
    }
    let now = call.now();
    call.world.under::<Party>("phone", &form.phone).next().ok_or(Code::PartyNotFound)?;
    let last = call.world.under::<Challenge>(BY_PHONE, &form.phone).next_back();
    if let Some(wait) = last.and_then(|last| PAUSE.checked_sub(now.since(last.sent_at))).filter(|wait| !wait.is_zero())
    {
        let seconds = wait.as_secs() + 1;
        return Err(Refusal::from(Code::Conflict)
            .detail(format!("wait {seconds} s before the next message"), format!("请于 {seconds} 秒后再发送")));
    }
    let code = format!("{:06}", call.random().u128() % 1_000_000);
    let challenge = Challenge {
        id: call.id(SmsChallengeId::new),
        app: call.app.to_owned(),
        phone: form.phone,
        purpose: form.purpose,
        code,
        state: State::Sent,
        verified_at: None,
        attempts_left: ATTEMPTS,
        sent_at: now,
        expires_at: now.plus(HOLDS),
    };
    let answer = Answer::created(format!("sms-codes/{}", challenge.id), &View::from(&challenge));
    call.world.put(challenge);
    answer
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifyForm {
    code: String,
}

/// A wrong code is not a refusal to the world: its attempt counts, so it must stay.
pub(super) fn verify(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: VerifyForm = input.body()?;
    if form.code.len() != 6 || !form.code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::from(Code::RequestInvalid).at("/code", "must be 6 digits"));
    }
    let id: SmsChallengeId = input.id("challengeId", Code::NotFound)?;
    let found = call.world.get::<Challenge>(&id).filter(|challenge| challenge.app == call.app);
    let mut challenge = found.cloned().ok_or(Code::NotFound)?;
    let over = challenge.attempts_left == 0 || call.now() >= challenge.expires_at;
    if challenge.state != State::Sent || over {
        return Err(Code::ChallengeUnverified.into());
    }
    challenge.attempts_left -= 1;
    let right = pano_crypto::compare::equal(form.code.as_bytes(), challenge.code.as_bytes());
    if right {
        (challenge.state, challenge.verified_at) = (State::Verified, Some(call.now()));
    }
    let (left, view) = (challenge.attempts_left, View::from(&challenge));
    call.world.put(challenge);
    if right {
        return Answer::ok(&view);
    }
    let refusal = Refusal::from(Code::CodeWrong).detail(format!("{left} attempts left"), format!("还可尝试 {left} 次"));
    Err(refusal.kept())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageQuery {
    phone: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageView {
    challenge_id: SmsChallengeId,
    phone: String,
    text: String,
    code: String,
    sent_at: Instant,
}

impl From<&Challenge> for MessageView {
    fn from(challenge: &Challenge) -> Self {
        let (code, purpose) = (&challenge.code, challenge.purpose.zh());
        Self {
            challenge_id: challenge.id,
            phone: challenge.phone.clone(),
            text: format!("【全景银行】验证码 {code}，用于{purpose}，5 分钟内有效。"),
            code: code.clone(),
            sent_at: challenge.sent_at,
        }
    }
}

/// Of the sandbox only: every message, whichever app had it sent.
pub(super) fn messages(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: MessageQuery = input.query()?;
    let page = Input::page("sandbox-messages", query.cursor.as_deref(), query.limit)?;
    if query.phone.as_deref().is_some_and(|phone| !is_phone(phone)) {
        return Err(Refusal::from(Code::RequestInvalid).at("phone", "must be +86120 and 8 digits"));
    }
    let wanted = |challenge: &&Challenge| query.phone.as_ref().is_none_or(|phone| *phone == challenge.phone);
    let found = call.world.all::<Challenge>().rev().filter(wanted);
    let key = |challenge: &&Challenge| challenge.id.to_string();
    Answer::ok(&Listed::descending("sandbox-messages", &page, found, key, MessageView::from))
}

/// Job of the evening: forgets messages that are a week old.
pub(crate) fn forget(call: &mut Call<'_>, _: Date) -> Result<(), Refusal> {
    let before = call.now().minus(KEPT);
    let old = call.world.all::<Challenge>().filter(|challenge| challenge.sent_at < before);
    let old: Vec<_> = old.map(|challenge| challenge.id).collect();
    for id in old {
        call.world.remove::<Challenge>(&id);
    }
    Ok(())
}
