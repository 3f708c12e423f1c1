//! A running bank and a client that holds every answer against the documents.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use pano_bank::{BankDeps, BankOptions, DOCUMENTS, Handle};
use pano_http::Client;
use pano_spec::contract::{Contracts, compile};
use pano_spec::{Document, Location};
use pano_store::Store;
use pano_types::clock::{FakeClock, OsEntropy};
use pano_types::{Instant, Secret};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

pub(crate) const GATEWAY: &str = "gateway-credential-for-tests";
/// The partner whose apps call, unless said otherwise.
pub(crate) const PARTNER: &str = "ptn_01KAV3M2N4ZQ8W5T7R9X1Y3C5D";
pub(crate) const ROLE: &str = "role-credential-for-tests";

/// An answer, checked.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or("none")
    }
}

/// A bank and how to call it.
pub(crate) struct Bank {
    pub(crate) handle: Handle,
    pub(crate) clock: Arc<FakeClock>,
}

impl Bank {
    pub(crate) async fn start(store: Arc<dyn Store>) -> Self {
        Self::start_with(store, |_| {}).await
    }

    /// The same, with other options.
    pub(crate) async fn start_with(store: Arc<dyn Store>, set: impl FnOnce(&mut BankOptions)) -> Self {
        let clock = Arc::new(FakeClock::at(Instant::parse("2026-03-02T02:15:00Z").unwrap()));
        let mut options = BankOptions {
            listen: "127.0.0.1:0".parse().unwrap(),
            gateway_credentials: vec![Secret::new(GATEWAY.to_owned())],
            role_credentials: vec![Secret::new(ROLE.to_owned())],
            // What is due is done with the next call; tests of waking set their own.
            due_interval: Duration::from_secs(86_400),
            secret: Some(Secret::new("secret-of-the-bank-for-tests".to_owned())),
            ..BankOptions::default()
        };
        set(&mut options);
        let time: Arc<dyn pano_types::Clock> = Arc::clone(&clock) as _;
        let deps = BankDeps { store, clock: time, entropy: Arc::new(OsEntropy) };
        Self { handle: pano_bank::start(options, deps).await.unwrap(), clock }
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller::new(&self.handle.url(), GATEWAY, "app_one")
    }

    pub(crate) fn role(&self) -> Caller {
        Caller::new(&self.handle.url(), ROLE, "role")
    }

    pub(crate) async fn assert_books(&self) {
        let books = self.role().get("/internal/v1/trial-balance").await;
        assert_eq!((books.status, &books.json["balanced"]), (200, &json!(true)), "{books:?}");
    }
}

/// Calls the bank as the gateway would on behalf of an app.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    url: String,
    contract: Arc<Vec<Checked>>,
}

impl Caller {
    pub(crate) fn new(url: &str, credential: &str, app: &str) -> Self {
        Self::of(url, credential, app, PARTNER)
    }

    /// For an app of this partner.
    pub(crate) fn of(url: &str, credential: &str, app: &str, partner: &str) -> Self {
        let value = |text: &str| HeaderValue::from_str(text).unwrap();
        let client = Client::new(url).unwrap().bearer(Secret::new(credential.to_owned()));
        let client = client.header(HeaderName::from_static("x-client-id"), value(app));
        let client = client.header(HeaderName::from_static("x-partner-id"), value(partner));
        Self { client, url: url.to_owned(), contract: Arc::clone(&CONTRACTS) }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[("idempotency-key", &visible(key))], Some(body)).await.unwrap()
    }

    pub(crate) async fn put(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, &[("idempotency-key", &visible(key))], Some(body)).await.unwrap()
    }

    /// A `POST` without a body.
    pub(crate) async fn act(&self, path: &str, key: &str) -> Answer {
        self.send(Method::POST, path, &[("idempotency-key", &visible(key))], None).await.unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await.unwrap()
    }

    /// A `POST` of text in another media type.
    pub(crate) async fn post_text(&self, path: &str, key: &str, media: &str, body: &str) -> Answer {
        let key = visible(key);
        let headers = [("idempotency-key", key.as_str()), ("content-type", media)];
        self.send_bytes(Method::POST, path, &headers, body.to_owned()).await.unwrap()
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, pano_http::ClientError> {
        let json = body.map(|_| ("content-type", "application/json"));
        let headers: Vec<_> = json.into_iter().chain(headers.iter().copied()).collect();
        self.send_bytes(method, path, &headers, body.map(ToString::to_string).unwrap_or_default()).await
    }

    async fn send_bytes(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        bytes: String,
    ) -> Result<Answer, pano_http::ClientError> {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.insert(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let url = format!("{}{path}", self.url);
        let answer = self.client.send(method.clone(), &url, all, bytes.into()).await?;
        // What is no JSON is told as the text that it is.
        let text = || Value::String(String::from_utf8_lossy(&answer.body).into_owned());
        let is_json = answer.headers.get("content-type").is_none_or(|media| media.as_bytes().ends_with(b"json"));
        let json = if is_json { serde_json::from_slice(&answer.body).unwrap_or(Value::Null) } else { text() };
        let answer = Answer { status: answer.status.as_u16(), headers: answer.headers, json };
        self.check(&method, path, &answer);
        Ok(answer)
    }

    /// A documented operation must answer as documented.
    fn check(&self, method: &Method, path: &str, answer: &Answer) {
        let path = path.split('?').next().unwrap_or_default();
        let Some(operation) = self.contract.iter().find(|operation| operation.fits(method.as_str(), path)) else {
            let ours = DOCUMENTS.iter().any(|document| path.starts_with(&format!("{}/", document.base_path())));
            assert!(!ours || answer.status >= 400, "{method} {path} is served but not documented");
            return;
        };
        let documented = operation.responses.iter().find(|(status, _)| *status == answer.status.to_string());
        let (status, schema) = documented
            .or_else(|| operation.responses.iter().find(|(status, _)| status == "default" && answer.status >= 500))
            .unwrap_or_else(|| panic!("{method} {path}: {} is not documented: {answer:?}", answer.status));
        let media = answer.headers.get("content-type").map_or("", |value| value.to_str().unwrap());
        match schema {
            Some(schema) if media.contains("json") => {
                let errors: Vec<_> = schema.iter_errors(&answer.json).map(|error| error.to_string()).collect();
                assert_eq!(errors, Vec::<String>::new(), "{method} {path} {status}: {}", answer.json);
            }
            // Described in another media type, or without content.
            _ => assert!(!media.contains("json"), "{method} {path} {status}: JSON is not documented: {}", answer.json),
        }
        if answer.status >= 400 {
            assert_eq!(answer.headers["content-type"], "application/problem+json");
        }
    }
}

/// A key that may be a few words.
fn visible(key: &str) -> String {
    key.replace(' ', "-")
}

/// Compiled once: tests have many callers.
static CONTRACTS: LazyLock<Arc<Vec<Checked>>> = LazyLock::new(|| Arc::new(contracts()));

struct Checked {
    method: String,
    path: String,
    /// By status; no schema where there is no JSON.
    responses: Vec<(String, Option<jsonschema::Validator>)>,
}

impl Checked {
    fn fits(&self, method: &str, path: &str) -> bool {
        let (template, path): (Vec<_>, Vec<_>) = (self.path.split('/').collect(), path.split('/').collect());
        let same = |(pattern, part): (&&str, &&str)| pattern.starts_with('{') || pattern == part;
        self.method == method && template.len() == path.len() && template.iter().zip(&path).all(same)
    }
}

fn contracts() -> Vec<Checked> {
    let mut found = Vec::new();
    for ours in DOCUMENTS {
        let document = Document::read(ours.text.as_bytes()).unwrap();
        assert!(document.findings().is_empty(), "{:?}", document.findings());
        let mut contracts = Contracts::new(&document);
        for operation in document.operations() {
            let contract = contracts.contract(&operation);
            assert!(contract.findings.is_empty(), "{:?}", contract.findings);
            let schema = |status: &str| {
                let found = contract.responses.iter().find(|response| response.status == status);
                found.map(|response| compile(&response.schema_json).unwrap())
            };
            let statuses = operation.responses().into_iter().map(|response| response.status.to_string());
            found.push(Checked {
                method: operation.method.to_string(),
                path: format!("{}{}", ours.base_path(), operation.path),
                responses: statuses.map(|status| (status.clone(), schema(&status))).collect(),
            });
        }
    }
    found
}

/// A customer's account that is open and kept in CNY: identifier and owner's.
pub(crate) async fn accounts(caller: &Caller) -> Vec<String> {
    let page = caller.get("/current-account/v1/accounts?currency=CNY").await;
    let open = page.json["items"].as_array().unwrap().iter().filter(|account| account["status"] == "OPEN");
    open.map(|account| account["accountId"].as_str().unwrap().to_owned()).collect()
}

/// A customer by English name, and its account in a currency: both identifiers.
pub(crate) async fn customer(caller: &Caller, name: &str, currency: &str) -> (String, String) {
    let parties = caller.get("/party-reference-data-directory/v1/parties?limit=200").await.json["items"].clone();
    let party = parties.as_array().unwrap().iter().find(|party| party["name"]["en"] == name);
    let party = party.unwrap_or_else(|| panic!("no {name}"))["partyId"].as_str().unwrap().to_owned();
    let path = format!("/current-account/v1/accounts?ownerPartyId={party}&currency={currency}");
    let account = caller.get(&path).await.json["items"][0]["accountId"].as_str().unwrap().to_owned();
    (party, account)
}

/// Booked and available balance.
pub(crate) async fn balances(caller: &Caller, account: &str) -> (String, String) {
    let answer = caller.get(&format!("/current-account/v1/accounts/{account}/balances")).await;
    let amount = |place: usize| answer.json["balances"][place]["amount"]["amount"].as_str().unwrap().to_owned();
    (amount(0), amount(1))
}

pub(crate) fn transfer(from: &str, to: &str, amount: &str) -> Value {
    json!({
        "debtorAccountId": from,
        "creditorAccountId": to,
        "amount": { "amount": amount, "currency": "CNY" },
        "endToEndId": "T-1",
        "remittanceInformation": "房租 Rent",
    })
}

pub(crate) fn domestic(from: &str, amount: &str, clearing: &str) -> Value {
    json!({
        "debtorAccountId": from,
        "creditor": { "name": "示例商贸有限公司", "accountNumber": "6200000000000013", "bankCode": "999100000012" },
        "amount": { "amount": amount, "currency": "CNY" },
        "clearing": clearing,
    })
}

const NEEDED: &[&str] = &[
    "operationId",
    "tags",
    "security",
    "x-panorama-level",
    "x-panorama-category",
    "x-panorama-data-class",
    "x-panorama-errors",
    "x-bian",
];

#[test]
fn documents_say_what_every_operation_needs() {
    for ours in DOCUMENTS {
        let document = Document::read(ours.text.as_bytes()).unwrap();
        assert_eq!(document.root()["x-panorama-slug"], ours.slug);
        for operation in document.operations() {
            let key = operation.key();
            for name in NEEDED {
                assert!(operation.node().contains_key(*name), "{key} has no {name}");
            }
            assert!(operation.summary().chars().any(|c| c > '\u{2e80}'), "{key}");
            for code in operation.node()["x-panorama-errors"].as_array().unwrap() {
                let code = code.as_str().unwrap();
                let known = pano_types::Code::from_text(code).unwrap_or_else(|| panic!("{key}: {code} is no code"));
                let status = known.status().to_string();
                assert!(operation.responses().iter().any(|r| r.status == status), "{key}: {code} needs {status}");
            }
            for parameter in operation.parameters() {
                assert!(parameter.location != Location::Path || parameter.required, "{key}");
            }
        }
    }
}

/// An amount in CNY on the wire.
pub(crate) fn cny(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

/// Minor units of an amount with two digits.
pub(crate) fn fen(amount: &Value) -> i64 {
    amount["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

/// Identifier and owner of the open accounts of a class that are kept in CNY.
pub(crate) async fn of_class(caller: &Caller, class: &str) -> Vec<(String, String)> {
    let page = caller.get("/current-account/v1/accounts?currency=CNY").await;
    let items = page.json["items"].as_array().unwrap().iter();
    let wanted = items.filter(|account| account["status"] == "OPEN" && account["accountClass"] == class);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    wanted.map(|account| (text(&account["accountId"]), text(&account["ownerPartyId"]))).collect()
}

/// Sends each body with a key of its own and expects it to be refused so.
pub(crate) async fn refused(caller: &Caller, path: &str, cases: &[(&str, Value, u16, &str)]) {
    for (name, body, status, code) in cases {
        let answer = caller.post(path, name, body).await;
        assert_eq!((answer.status, answer.code()), (*status, *code), "{name}: {}", answer.json);
    }
}

/// `body` with the member that `pointer` leads to replaced.
pub(crate) fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[name] = value;
    body
}
