//! A manager of one's own with its people.

use crate::text;
use http::{HeaderMap, HeaderValue, Method};
use pano_http::client::Answer;
use pano_http::{Client, ClientError};
use pano_snapshot::protocol::SNAPSHOT_PATH;
use pano_snapshot::snapshot::Delta;
use pano_snapshot::{ApiUnit, Unit};
use pano_testkit::TestManager;
use pano_types::Role;
use serde_json::{Value, json};
use std::time::Duration;

/// A running manager, and who works with it.
pub(super) struct World {
    manager: TestManager,
    /// Operator and provider: brings, submits, publishes.
    pub(super) maker: Client,
    /// Reviewer.
    pub(super) checker: Client,
    /// Everything at once, for what must not be possible even so.
    pub(super) both: Client,
    /// Reads only.
    pub(super) auditor: Client,
    /// Nobody.
    pub(super) nobody: Client,
    pub(super) gateway: Client,
}

impl World {
    pub(super) async fn sqlite() -> Self {
        Self::on(TestManager::start().await.unwrap()).await
    }

    pub(super) async fn on(manager: TestManager) -> Self {
        let patient = |client: Client| client.timeout(Duration::from_secs(60));
        Self {
            maker: patient(manager.maker.clone()),
            checker: patient(manager.checker.clone()),
            both: patient(manager.person("both", Role::ALL).await.unwrap()),
            auditor: patient(manager.person("auditor", &[Role::Auditor]).await.unwrap()),
            nobody: manager.nobody().unwrap(),
            gateway: patient(manager.role("gateway").unwrap()),
            manager,
        }
    }

    pub(super) async fn end(self) {
        self.manager.remove().await.unwrap();
    }

    /// Adds a provider that imports may name.
    pub(super) async fn provider(&self, slug: &str) {
        let form = json!({ "slug": slug, "name": { "zh": "核心系统", "en": "Core" } });
        self.maker.post::<Value>("/admin/v1/providers", &form).await.unwrap();
    }

    /// Brings a YAML document; answers the report.
    pub(super) async fn bring(&self, document: &str, query: &str) -> Value {
        let answer = raw(&self.maker, "application/yaml", &format!("/admin/v1/imports?{query}"), document).await;
        answer.unwrap().json().unwrap()
    }

    /// Brings a document that needs nothing more to be reviewed; answers the version's id.
    pub(super) async fn bring_whole(&self, document: &str, more: &str) -> String {
        let query = format!(
            "owner=Team&provider=core&backend=mock&exit_plan=notice&waive_lint=test%20document&confirm_grades=true{more}"
        );
        text(&self.bring(document, &query).await, "/version_id")
    }

    /// Takes one move.
    pub(super) async fn go(&self, who: &Client, id: &str, wanted: &str) -> Result<Value, ClientError> {
        self.go_with(who, id, wanted, json!({ "why": "because" })).await
    }

    pub(super) async fn go_with(
        &self,
        who: &Client,
        id: &str,
        wanted: &str,
        form: Value,
    ) -> Result<Value, ClientError> {
        who.post(&format!("/admin/v1/versions/{id}/{wanted}"), &form).await
    }

    /// Submits, approves, publishes.
    pub(super) async fn publish(&self, id: &str) {
        self.go(&self.maker, id, "submit").await.unwrap();
        self.go(&self.checker, id, "approve").await.unwrap();
        self.go(&self.maker, id, "publish").await.unwrap();
    }

    /// The API units that a gateway gets, once they are as wanted. Waits for the publisher.
    pub(super) async fn units(&self, wanted: impl Fn(&[ApiUnit]) -> bool) -> Vec<ApiUnit> {
        for _ in 0..600 {
            let path = format!("{SNAPSHOT_PATH}?wait_ms=0");
            let answer = self.gateway.call(Method::GET, &path, HeaderMap::new(), Default::default()).await;
            if let Ok(delta) = answer.and_then(|a| a.json::<Delta>().map_err(|e| panic!("{e}"))) {
                let api =
                    |unit: std::sync::Arc<Unit>| if let Unit::Api(api) = &*unit { Some(api.clone()) } else { None };
                let units: Vec<ApiUnit> = delta.upsert.into_iter().filter_map(api).collect();
                if wanted(&units) {
                    return units;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the snapshot did not become as wanted within 30 s");
    }
}

/// A POST with any media type.
pub(super) async fn raw(who: &Client, media: &'static str, path: &str, body: &str) -> Result<Answer, ClientError> {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(media));
    who.call(Method::POST, path, headers, body.to_owned().into()).await
}

/// A PUT with the generation it is based on.
pub(super) async fn put(who: &Client, path: &str, generation: Option<u64>, body: &Value) -> Result<Value, ClientError> {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(generation) = generation {
        headers.insert(http::header::IF_MATCH, format!("\"{generation}\"").parse().unwrap());
    }
    let answer = who.call(Method::PUT, path, headers, body.to_string().into()).await?;
    Ok(answer.json().unwrap())
}

/// The problem's code and the places of its errors.
pub(super) fn refusal<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> (String, Vec<String>) {
    match outcome {
        Err(ClientError::Problem(problem)) => (problem.code, problem.errors.into_iter().map(|e| e.at).collect()),
        other => panic!("expected a problem, got {other:?}"),
    }
}

/// A document of ours. `title` names the API, `extra` goes below `paths`.
pub(super) fn document(title: &str, version: &str, extra: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{ title: {title}, version: {version}, description: 查询账户余额。Accounts and balances. }}\n\
         servers: [ {{ url: 'https://bank.example' }} ]\npaths:\n\
         \x20 /accounts/{{accountId}}/balances:\n    get:\n      operationId: getBalances\n      summary: 查询账户余额 Balances of an account\n\
         \x20     parameters: [ {{ name: accountId, in: path, required: true, schema: {{ type: string, maxLength: 20 }} }} ]\n\
         \x20     responses: {{ '200': {{ description: ok }} }}\n{extra}"
    )
}
