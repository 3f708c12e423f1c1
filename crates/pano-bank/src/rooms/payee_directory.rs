//! Payee Directory: payees that customers register, and whether a name belongs to an account.

mod name;

use super::payment_order::OWN_BANK_CODE;
use super::{Room, delete, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::party::Party;
use crate::seed::Seeding;
use crate::wire::{Listed, account_number, bank_code, text};
use crate::world::{Entity, Kind, World};
use name::{NameCheck, compare, masked};
use pano_types::id::{AccountId, PartyId, PayeeId};
use pano_types::{Code, Instant, Localized};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) const ROOM: Room = Room {
    document: Document::new("payee-directory", include_str!("../../openapi/payee-directory.yaml")),
    operations: &[
        get("/payees", "listPayees", list),
        post("/payees", "registerPayee", register).keyed(),
        get("/payees/{payeeId}", "retrievePayee", retrieve),
        delete("/payees/{payeeId}", "removePayee", remove),
        post("/payee-checks", "checkPayee", check),
    ],
    kinds: &[Kind::of::<Payee>(), Kind::of::<Outside>()],
    seed: Some(seed),
};

const LIST: &str = "payees";
/// Index: whose payee it is.
const BY_OWNER: &str = "owner";

/// A registered payee.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Payee {
    id: PayeeId,
    owner: PartyId,
    alias: Option<String>,
    name: String,
    account_number: String,
    bank_code: String,
    name_check: NameCheck,
    registered_at: Instant,
}

impl Entity for Payee {
    const KIND: &'static str = "payee";
    type Id = PayeeId;
    fn id(&self) -> PayeeId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_OWNER, self.owner.to_string());
    }
}

/// An account at another bank that this sandbox knows. Others do not answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Outside {
    account_number: String,
    bank_code: String,
    name: String,
}

impl Entity for Outside {
    const KIND: &'static str = "payee.outside";
    type Id = String;
    fn id(&self) -> String {
        format!("{}-{}", self.bank_code, self.account_number)
    }
}

/// Banks by the first three digits of their CNAPS code: all from a range that was never issued.
const BANKS: &[(&str, &str, &str)] = &[
    ("9999999", "全景沙箱银行", "Panorama Sandbox Bank"),
    ("9991000", "示例商业银行", "Example Commercial Bank"),
    ("9992000", "示例农村商业银行", "Example Rural Bank"),
];

fn bank_name(code: &str) -> Localized {
    let known = BANKS.iter().find(|(prefix, ..)| code.starts_with(prefix));
    known.map_or_else(|| Localized::new("未知银行", "Unknown bank"), |(_, zh, en)| Localized::new(*zh, *en))
}

/// What the payee's bank says of a name and number, and the name on the account where it knows it.
fn looked_up(world: &World, name: &str, number: &str, bank: &str) -> (NameCheck, Option<String>) {
    if bank == OWN_BANK_CODE {
        let account = world.numbered(number).filter(|standing| standing.account.owner.is_some());
        let owner = account.and_then(|standing| world.get::<Party>(&standing.account.owner?));
        return match owner {
            Some(owner) => {
                (compare(name, [owner.name.zh.as_str(), owner.name.en.as_str()]), Some(owner.name.zh.clone()))
            }
            None => (NameCheck::AccountUnknown, None),
        };
    }
    match world.get::<Outside>(&format!("{bank}-{number}")) {
        Some(outside) => (compare(name, [outside.name.as_str()]), Some(outside.name.clone())),
        None if BANKS.iter().any(|(prefix, ..)| bank.starts_with(prefix)) => (NameCheck::AccountUnknown, None),
        None => (NameCheck::Unavailable, None),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CheckRequest {
    name: String,
    account_number: String,
    bank_code: String,
}

fn check(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: CheckRequest = input.body()?;
    texts(&body.name, &body.account_number, &body.bank_code)?;
    let (name_check, known) = looked_up(call.world, &body.name, &body.account_number, &body.bank_code);
    let masked_name = known.filter(|_| name_check == NameCheck::CloseMatch).map(|name| masked(&name));
    let bank_name = bank_name(&body.bank_code);
    Answer::ok(&PayeeCheck { name_check, masked_name, bank_name, checked_at: call.now() })
}

fn texts(name: &str, number: &str, bank: &str) -> Result<(), Refusal> {
    text(name, 70, "/name")?;
    account_number(number, "/accountNumber")?;
    bank_code(bank, "/bankCode")
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PayeeRequest {
    owner_party_id: PartyId,
    alias: Option<String>,
    name: String,
    account_number: String,
    bank_code: String,
}

fn register(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: PayeeRequest = input.body()?;
    texts(&body.name, &body.account_number, &body.bank_code)?;
    if let Some(alias) = &body.alias {
        text(alias, 40, "/alias")?;
    }
    let owner = body.owner_party_id;
    if call.world.get::<Party>(&owner).is_none() {
        return Err(Refusal::from(Code::PartyNotFound).at("/ownerPartyId", ("names no party", "没有对应的客户")));
    }
    let same = |payee: &Payee| payee.account_number == body.account_number && payee.bank_code == body.bank_code;
    if call.world.under::<Payee>(BY_OWNER, &owner.to_string()).any(same) {
        return Err(Refusal::from(Code::Conflict).at("/accountNumber", ("is registered", "已登记")));
    }
    let (name_check, _) = looked_up(call.world, &body.name, &body.account_number, &body.bank_code);
    match name_check {
        NameCheck::Match | NameCheck::CloseMatch | NameCheck::Unavailable => {}
        NameCheck::NoMatch => {
            return Err(
                Refusal::from(Code::RequestInvalid).at("/name", ("does not belong to the account", "与账户户名不符"))
            );
        }
        NameCheck::AccountUnknown => {
            return Err(Refusal::from(Code::RequestInvalid)
                .at("/accountNumber", ("names no account of that bank", "在该行没有对应的账户")));
        }
    }
    let payee = Payee {
        id: call.id(PayeeId::new),
        owner,
        alias: body.alias,
        name: body.name,
        account_number: body.account_number,
        bank_code: body.bank_code,
        name_check,
        registered_at: call.now(),
    };
    let answer = Answer::created(format!("payees/{}", payee.id), &PayeeView::new(call.world, &payee))?;
    call.event("bank.payee.registered", payee.id, json!({ "payeeId": payee.id, "nameCheck": name_check }));
    call.world.put(payee);
    Ok(answer)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    owner_party_id: Option<PartyId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let world = &*call.world;
    let (key, view) = (|payee: &&Payee| payee.id.to_string(), |payee: &Payee| PayeeView::new(world, payee));
    match query.owner_party_id {
        Some(owner) => {
            Answer::ok(&Listed::ascending(LIST, &page, world.under::<Payee>(BY_OWNER, &owner.to_string()), key, view))
        }
        None => Answer::ok(&Listed::ascending(LIST, &page, world.all::<Payee>(), key, view)),
    }
}

fn named<'c>(call: &'c Call<'_>, input: &Input) -> Result<&'c Payee, Refusal> {
    let id: PayeeId = input.id("payeeId", Code::NotFound)?;
    call.world.get::<Payee>(&id).ok_or_else(|| Code::NotFound.into())
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&PayeeView::new(call.world, named(call, input)?))
}

fn remove(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id = named(call, input)?.id;
    call.world.remove::<Payee>(&id);
    call.event("bank.payee.removed", id, json!({ "payeeId": id }));
    Ok(Answer::none())
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PayeeCheck {
    name_check: NameCheck,
    #[serde(skip_serializing_if = "Option::is_none")]
    masked_name: Option<String>,
    bank_name: Localized,
    checked_at: Instant,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PayeeView {
    payee_id: PayeeId,
    owner_party_id: PartyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    name: String,
    account_number: String,
    bank_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    creditor_account_id: Option<AccountId>,
    name_check: NameCheck,
    registered_at: Instant,
}

impl PayeeView {
    fn new(world: &World, payee: &Payee) -> Self {
        let here = (payee.bank_code == OWN_BANK_CODE).then(|| world.numbered(&payee.account_number)).flatten();
        Self {
            payee_id: payee.id,
            owner_party_id: payee.owner,
            alias: payee.alias.clone(),
            name: payee.name.clone(),
            account_number: payee.account_number.clone(),
            bank_code: payee.bank_code.clone(),
            creditor_account_id: here.map(|standing| standing.account.id),
            name_check: payee.name_check,
            registered_at: payee.registered_at,
        }
    }
}

/// Accounts at other banks, of invented companies, and the first party's first payees.
fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let call = &mut seeding.call;
    for (number, bank, name) in [
        ("6200000000000013", "999100000012", "示例商贸有限公司"),
        ("6200009900000010", "999100000012", "示例物业服务有限公司"),
        ("6200009900000028", "999200000015", "周小满"),
    ] {
        let (account_number, bank_code, name) = (number.to_owned(), bank.to_owned(), name.to_owned());
        call.world.put(Outside { account_number, bank_code, name });
    }
    let Some(owner) = call.world.all::<Party>().next().map(|party| party.id) else { return Ok(()) };
    let payee = Payee {
        id: call.id(PayeeId::new),
        owner,
        alias: Some("物业费".to_owned()),
        name: "示例物业服务有限公司".to_owned(),
        account_number: "6200009900000010".to_owned(),
        bank_code: "999100000012".to_owned(),
        name_check: NameCheck::Match,
        registered_at: call.now(),
    };
    call.world.put(payee);
    Ok(())
}
