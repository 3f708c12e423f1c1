//! A running role with an app that may use it.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use pano_catalog::category::Grade;
use pano_catalog::lifecycle;
use pano_catalog::model::{DocumentFacts, Operation};
use pano_catalog::{Api, BasePath, CategoryCode, Settings, Version};
use pano_crypto::ring::Schedule;
use pano_crypto::{Alg, SigningKey, b64, jws};
use pano_http::Client;
use pano_identity::{Account, Customer, Customers, CustomersError, Deps, Handle, IdentityOptions, start};
use pano_keystore::{KeyFile, MasterKey};
use pano_partner::credential::Registration;
use pano_partner::{App, Credential, Partner, Plan, Step, Subscription, app, partner, plan, subscription};
use pano_store::catalog::NewVersion;
use pano_store::meta::SecretHash;
use pano_store::operator::{Kind, Operator, Token};
use pano_store::outbox::Event;
use pano_store::{Store, UnitOfWork};
use pano_testkit::TestStore;
use pano_types::clock::{FakeClock, OsEntropy};
use pano_types::id::{
    ApiId, ApiVersionId, AppId, CredentialId, EventId, OperatorId, PartnerId, PlanId, SubscriptionId, TokenId,
};
use pano_types::{ApiLevel, Clock as _, DataClass, Entropy as _, Instant, Localized, Role, Secret};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const ISSUER: &str = "https://auth.bank.example";
pub(crate) const AUDIENCE: &str = "https://api.bank.example";
pub(crate) const CUSTOMER: &str = "pty_1";
pub(crate) const PASSWORD: &str = "a password & more";
pub(crate) const START: Instant = Instant::from_unix_seconds(1_800_000_000);
pub(crate) const REDIRECT: &str = "https://partner.example/back";
pub(crate) const ROLE_SECRET: &str = "role-credential-of-the-gateway-0123456789";

/// An app with its key pair.
pub(crate) struct Partnered {
    pub(crate) id: AppId,
    pub(crate) credential: CredentialId,
    pub(crate) key: SigningKey,
}

pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) identity: Handle,
    pub(crate) client: Client,
    pub(crate) app: Partnered,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn error(&self) -> (u16, &str) {
        (self.status, self.json["error"].as_str().unwrap_or_default())
    }
}

fn step() -> Step {
    Step { who: OperatorId::new(START, &OsEntropy), at: START, why: "test".into() }
}

impl World {
    /// On `store`, with an app subscribed to an API with the scopes `accounts:read` and `payments:write`.
    pub(crate) async fn on(test: &TestStore) -> Self {
        let (store, clock) = (test.store(), Arc::new(FakeClock::at(START)));
        let folder = tempfile::tempdir().unwrap();
        let identity = serve(&store, &clock, folder.path()).await;
        let client = Client::new(&format!("http://{}", identity.addr())).unwrap();
        let app = add_app(&store).await;
        let api = add_api(&store, &["accounts:read", "payments:write"]).await;
        subscribe(&store, app.id, api).await;
        Self { store, clock, folder, identity, client, app }
    }

    /// Stops the role and starts it again on the same store and key file.
    pub(crate) async fn restart(&mut self) {
        self.identity.stop().await;
        self.identity = serve(&self.store, &self.clock, self.folder.path()).await;
        self.client = Client::new(&format!("http://{}", self.identity.addr())).unwrap();
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().unix_seconds()
    }

    pub(crate) fn claims(&self, app: &Partnered) -> Value {
        let id = app.id.to_string();
        let jti = format!("{:032x}", OsEntropy.u128());
        json!({ "iss": id, "sub": id, "aud": ISSUER, "jti": jti, "iat": self.now(), "exp": self.now() + 60 })
    }

    pub(crate) fn assertion(&self, edit: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims(&self.app);
        edit(&mut claims);
        jws::sign(&self.app.key, "JWT", &claims).unwrap()
    }

    pub(crate) async fn post(&self, path: &str, form: &str, bearer: Option<&str>) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Some(token) = bearer {
            headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        self.send(Method::POST, path, headers, form.to_owned()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: HeaderMap, body: String) -> Answer {
        let url = format!("{}{path}", self.client.base());
        let answer = self.client.send(method, &url, headers, Bytes::from(body)).await.unwrap();
        let json = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        Answer { status: answer.status.as_u16(), headers: answer.headers, json, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, HeaderMap::new(), String::new()).await
    }

    /// A token request with this assertion and further parameters.
    pub(crate) async fn request(&self, assertion: &str, more: &str) -> Answer {
        let form = format!("grant_type=client_credentials&{}{more}", authenticated(assertion));
        self.post("/oauth2/token", &form, None).await
    }

    /// A token with all scopes.
    pub(crate) async fn token(&self) -> String {
        let answer = self.request(&self.assertion(|_| ()), "").await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.json["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn introspect(&self, token: &str) -> Value {
        let answer = self.post("/oauth2/introspect", &format!("token={token}"), Some(ROLE_SECRET)).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.json
    }

    /// Header and claims of a token, unchecked.
    pub(crate) fn open(token: &str) -> (Value, Value) {
        let mut parts =
            token.split('.').map(|part| serde_json::from_slice(&b64::decode(part).unwrap_or_default()).ok());
        (parts.next().flatten().unwrap(), parts.next().flatten().unwrap())
    }
}

pub(crate) fn authenticated(assertion: &str) -> String {
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    format!("client_assertion_type={kind}&client_assertion={assertion}")
}

async fn serve(store: &Arc<dyn Store>, clock: &Arc<FakeClock>, folder: &std::path::Path) -> Handle {
    let master = MasterKey::ensure(&folder.join("master.key"), &OsEntropy).unwrap();
    let keys = KeyFile::open(&folder.join("signing.keys"), Alg::Es256, master, Arc::new(OsEntropy)).unwrap();
    let mut options = IdentityOptions::new(ISSUER, AUDIENCE);
    options.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    options.roles = vec![("gateway".into(), Secret::new(ROLE_SECRET.into()))];
    options.schedule = Schedule {
        rotate_every: Some(Duration::from_secs(86_400)),
        publish_lead: Duration::from_secs(60),
        retire_after: Duration::from_secs(900),
    };
    // Tests move keys by hand.
    options.tick = Duration::from_secs(3_600);
    let deps = Deps {
        customers: Arc::new(Bank),
        store: Arc::clone(store),
        keys: Arc::new(keys),
        clock: Arc::clone(clock) as Arc<dyn pano_types::Clock>,
        entropy: Arc::new(OsEntropy),
    };
    start(options, deps).await.unwrap()
}

/// A bank with one customer in everyone's sandbox.
struct Bank;

#[async_trait::async_trait]
impl Customers for Bank {
    async fn sign_in(&self, _: PartnerId, login: &str, password: &Secret) -> Result<Option<Customer>, CustomersError> {
        let good = login == "lin.xiaoyu" && password.expose() == PASSWORD;
        Ok(good.then(|| Customer { id: CUSTOMER.to_owned(), name: Localized::new("林晓雨", "Lin Xiaoyu") }))
    }
    async fn accounts(&self, _: PartnerId, customer: &str) -> Result<Vec<Account>, CustomersError> {
        let account = |id: &str| Account {
            id: id.to_owned(),
            number: format!("**** {id}"),
            name: Localized::new("活期", "Current"),
            currency: "CNY".to_owned(),
        };
        Ok(if customer == CUSTOMER { vec![account("acc_1"), account("acc_2")] } else { Vec::new() })
    }
}

/// An event as every change writes one.
pub(crate) fn changed() -> Event {
    Event {
        id: EventId::new(START, &OsEntropy),
        kind: "panorama.test.changed".into(),
        source: "/test".into(),
        subject: None,
        at: START,
        data: Value::Null,
        traceparent: None,
    }
}

/// Changes the store the way the manager does: with an event in the same unit.
pub(crate) async fn change<F>(store: &Arc<dyn Store>, change: F)
where
    F: AsyncFnOnce(&mut dyn UnitOfWork),
{
    let mut unit = store.begin().await.unwrap();
    change(unit.as_mut()).await;
    unit.outbox_add(changed()).await.unwrap();
    unit.save().await.unwrap();
}

pub(crate) async fn add_app(store: &Arc<dyn Store>) -> Partnered {
    let key = SigningKey::generate(Alg::Es256).unwrap();
    let slug = format!("p{:x}", OsEntropy.u128() >> 64);
    let partner = Partner {
        id: PartnerId::new(START, &OsEntropy),
        slug: slug.parse().unwrap(),
        name: Localized::new("伙伴", "Partner"),
        registration: "1".into(),
        contact: "a@b.example".into(),
        scenario: partner::Scenario::default(),
        evidence: Vec::new(),
        rate: None,
        state: partner::State::Admitted { submitted: step(), admitted: step(), tier: partner::Tier::Tier1 },
        managed_by: None,
        created_at: START,
        generation: 1,
    };
    let app = App {
        id: AppId::new(START, &OsEntropy),
        partner: partner.id,
        slug: "app".parse().unwrap(),
        name: Localized::new("应用", "App"),
        description: String::new(),
        redirect_uris: vec![
            REDIRECT.to_owned().try_into().unwrap(),
            "https://partner.example/other".to_owned().try_into().unwrap(),
        ],
        state: app::State::Active { activated: step() },
        managed_by: None,
        created_at: START,
        generation: 1,
    };
    let registration = Registration {
        jwk: Some(key.public().to_json()),
        certificate: None,
        label: "main".into(),
        not_before: None,
        expires_at: None,
    };
    let id = CredentialId::new(START, &OsEntropy);
    let credential = Credential::register(id, app.id, registration, START).unwrap();
    change(store, async |unit| {
        unit.partner_add(&partner).await.unwrap();
        unit.app_add(&app).await.unwrap();
        unit.credential_add(&credential).await.unwrap();
    })
    .await;
    Partnered { id: app.id, credential: id, key }
}

pub(crate) async fn add_api(store: &Arc<dyn Store>, scopes: &[&str]) -> ApiId {
    let slug = format!("a{:x}", OsEntropy.u128() >> 64);
    let api = Api {
        id: ApiId::new(START, &OsEntropy),
        slug: slug.parse().unwrap(),
        name: Localized::new("账户", "Accounts"),
        summary: Localized::default(),
        owner: "team".into(),
        provider: None,
        directory: None,
        managed_by: None,
        created_at: START,
        generation: 1,
    };
    let taken = lifecycle::Step { who: OperatorId::new(START, &OsEntropy), at: START, why: String::new() };
    let version = Version {
        id: ApiVersionId::new(START, &OsEntropy),
        api: api.id,
        version: "1.0.0".into(),
        state: lifecycle::State::Published { submitted: taken.clone(), approved: taken.clone(), published: taken },
        base_path: BasePath::of(&api.slug, "1.0.0"),
        settings: Settings::default(),
        document: DocumentFacts {
            sha256: format!("{:064x}", OsEntropy.u128()),
            bytes: 2,
            media_type: "application/json".into(),
            source: "a.json".into(),
            operations: u32::try_from(scopes.len()).unwrap(),
            lint_errors: Vec::new(),
            lint_warnings: 0,
            changes: None,
        },
        proposed_level: ApiLevel::A2,
        created_by: OperatorId::new(START, &OsEntropy),
        created_at: START,
        generation: 1,
    };
    let operation = |scope: &&str| Operation {
        name: (*scope).to_owned(),
        method: "GET".into(),
        path: format!("/{scope}"),
        summary: String::new(),
        bian: None,
        proposed: Grade { category: CategoryCode::new("account_query"), data_class: DataClass::C2 },
        scopes: vec![(*scope).to_owned()],
    };
    let operations: Vec<_> = scopes.iter().map(operation).collect();
    change(store, async |unit| {
        unit.api_add(&api).await.unwrap();
        let new = NewVersion { version: &version, operations: &operations, content: "{}", entries: &[] };
        unit.version_add(new).await.unwrap();
    })
    .await;
    api.id
}

pub(crate) async fn subscribe(store: &Arc<dyn Store>, app: AppId, api: ApiId) -> Subscription {
    let slug = format!("s{:x}", OsEntropy.u128() >> 64);
    let plan = Plan {
        id: PlanId::new(START, &OsEntropy),
        slug: slug.parse().unwrap(),
        name: Localized::new("套餐", "Plan"),
        limits: plan::Limits::default(),
        retired: false,
        managed_by: None,
        created_at: START,
        generation: 1,
    };
    let subscription = Subscription {
        id: SubscriptionId::new(START, &OsEntropy),
        app,
        api,
        plan: plan.id,
        environment: pano_partner::Environment::Sandbox,
        state: subscription::State::Approved { requested: step(), approved: step() },
        managed_by: None,
        created_at: START,
        generation: 1,
    };
    change(store, async |unit| {
        unit.plan_add(&plan).await.unwrap();
        unit.subscription_add(&subscription).await.unwrap();
    })
    .await;
    subscription
}

/// An operator with an API token.
pub(crate) async fn operator(store: &Arc<dyn Store>, kind: Kind, roles: &[Role]) -> (OperatorId, Secret) {
    named_operator(store, &format!("o{:x}", OsEntropy.u128()), kind, roles).await
}

/// The same, with a name.
pub(crate) async fn named_operator(
    store: &Arc<dyn Store>,
    name: &str,
    kind: Kind,
    roles: &[Role],
) -> (OperatorId, Secret) {
    let secret = pano_crypto::random::secret(&OsEntropy);
    let operator = Operator {
        id: OperatorId::new(START, &OsEntropy),
        name: name.to_owned(),
        kind,
        roles: roles.to_vec(),
        created_at: START,
        disabled_at: None,
        generation: 1,
    };
    let token = Token {
        id: TokenId::new(START, &OsEntropy),
        operator: operator.id,
        label: String::new(),
        created_at: START,
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
    };
    change(store, async |unit| {
        unit.operator_add(&operator).await.unwrap();
        unit.operator_token_add(&token, &SecretHash::of(&secret)).await.unwrap();
    })
    .await;
    (operator.id, secret)
}
