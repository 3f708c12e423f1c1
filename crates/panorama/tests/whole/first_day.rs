//! A partner's first day, as far as commands go: from the register to the first answer, then to a certificate and going live.

use crate::process::Deployment;
use crate::terminal::{panorama, text};
use pano_http::Client;
use pano_http::client::Answer;
use panorama::demo::{Call, PATIENCE, Transcript, library, team};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What a partner may have to type before it sees an answer of the bank.
const COMMANDS_MAX: usize = 6;
/// What the bank's people have to.
const CHECKS_MAX: usize = 2;

/// One who sits at a terminal.
struct Person {
    manager: String,
    token: PathBuf,
    commands: usize,
}

impl Person {
    fn new(deployment: &Deployment, name: &str) -> Self {
        let site = &deployment.site;
        Self { manager: site.manager.clone(), token: site.data.join(format!("demo/{name}.token")), commands: 0 }
    }
    /// Types a command; its exit code and what it prints, JSON where it is.
    async fn types(&mut self, command: &str) -> (i32, Value) {
        self.commands += 1;
        let mut arguments: Vec<_> = command.split(' ').map(str::to_owned).collect();
        let (server, token) = (self.manager.clone(), self.token.to_str().unwrap().to_owned());
        if !command.starts_with("app keygen") && !command.starts_with("app token") {
            arguments.extend(["-o", "json", "--server", &server, "--token-file", &token].map(str::to_owned));
        }
        let run = move || panorama(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let output = tokio::task::spawn_blocking(run).await.unwrap();
        let shown = if output.status.success() { text(&output.stdout) } else { text(&output.stderr) };
        let shown = serde_json::from_str(&shown).unwrap_or_else(|_| shown.trim().into());
        (output.status.code().unwrap(), shown)
    }
    /// The same, where it must succeed.
    async fn done(&mut self, command: &str) -> Value {
        let (code, shown) = self.types(command).await;
        assert_eq!(code, 0, "{command}: {shown}");
        shown
    }
}

/// The app's own software.
struct App {
    client: Client,
    gateway: String,
    token: String,
}

impl App {
    async fn send(&self, method: http::Method, path: &str, body: Option<Value>) -> Answer {
        let mut headers = http::HeaderMap::new();
        headers.insert("authorization", format!("Bearer {}", self.token).parse().unwrap());
        if body.is_some() {
            headers.insert("content-type", "application/json".parse().unwrap());
            headers.insert("idempotency-key", "first-day".parse().unwrap());
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.client.send(method, &format!("{}{path}", self.gateway), headers, body.into()).await.unwrap()
    }
    async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.send(http::Method::GET, path, None).await;
        (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap())
    }
    /// Asks until the answer is as wanted: an approval is at the gateway soon, not at once.
    async fn until(&self, path: &str, wanted: impl Fn(u16, &Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let (status, json) = self.get(path).await;
            if wanted(status, &json) {
                return json;
            }
            assert!(begun.elapsed() < PATIENCE, "{path} still answers {status} {json}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

const ACCOUNTS: &str = "/current-account/v1/accounts";
const RUNS: &str = "/product-quality-assurance/v1/certification-runs";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_commands_to_the_first_answer_and_a_certificate_before_going_live() {
    let deployment = Deployment::embedded().await;
    let site = deployment.site.clone();
    let mut quiet = Transcript::quiet();
    let team = team::gather(&mut quiet, &site).await.unwrap();
    library::fill(&mut quiet, &site, &team, None).await.unwrap();
    let plan = json!({ "slug": "standard", "name": { "en": "Standard" }, "limits": {} });
    let plans = Call::new("a plan", http::Method::POST, format!("{}/admin/v1/plans", site.manager)).json(plan);
    quiet.call(&team.maker, plans, 201).await.unwrap();

    let (mut partner, mut bank) = (Person::new(&deployment, "maker"), Person::new(&deployment, "checker"));
    let file = |name: &str| site.data.join(name).to_str().unwrap().to_owned();
    let (private, public) = (file("app.pem"), file("app.jwk"));
    partner
        .done("partner create wealth-mate --name Wealth --registration 91310000MA1FL0000X --contact api@mate.example --submit")
        .await;
    let jwk = partner.done(&format!("app keygen {private}")).await;
    std::fs::write(&public, jwk.to_string()).unwrap();
    bank.done("partner admit wealth-mate --tier 1").await;
    let app = partner.done(&format!("app create advisor --partner wealth-mate --name Advisor --key {public}")).await;
    let asked = partner.done("app subscribe advisor --api current-account --plan standard").await;
    bank.done(&format!("subscription approve {}", asked["id"].as_str().unwrap())).await;
    let get_token =
        format!("app token {} --private-key {private} --issuer {}", app["id"].as_str().unwrap(), site.issuer);
    let token = partner.done(&get_token).await.as_str().unwrap().to_owned();
    let mut advisor = App { client: Client::new(&site.gateway).unwrap(), gateway: site.gateway.clone(), token };
    let first = advisor.until(ACCOUNTS, |status, _| status == 200).await;
    // And one for the call itself.
    let typed = partner.commands + 1;
    assert!(typed <= COMMANDS_MAX && bank.commands <= CHECKS_MAX, "{typed}, {}", bank.commands);

    // Nobody goes live on a promise.
    let live = "app subscribe advisor --api party-reference-data-directory --plan standard --production";
    let (code, said) = partner.types(live).await;
    assert!(code == 1 && said.to_string().contains("subscription.certification_required"), "{code}: {said}");
    let asked = partner.done("app subscribe advisor --api product-quality-assurance --plan standard").await;
    bank.done(&format!("subscription approve {}", asked["id"].as_str().unwrap())).await;
    // Its rights are in its tokens: it needs a new one.
    advisor.token = partner.done(&get_token).await.as_str().unwrap().to_owned();
    advisor.until(RUNS, |status, _| status == 200).await;
    let run = advisor.send(http::Method::POST, RUNS, Some(json!({ "profile": "ACCOUNT_INFORMATION" }))).await;
    assert_eq!(run.status, 201, "{run:?}");
    let run = format!("{RUNS}/{}", run.json::<Value>().unwrap()["runId"].as_str().unwrap());

    // What the script asks for, done by the app itself.
    advisor.token = partner.done(&get_token).await.as_str().unwrap().to_owned();
    let account = first["items"][0]["accountId"].as_str().unwrap();
    let list = format!("{ACCOUNTS}/{account}/transactions");
    for (path, status) in [
        (ACCOUNTS, 200),
        (&format!("{ACCOUNTS}/{account}/balances"), 200),
        (&format!("{ACCOUNTS}/acc_01KAV3M2N4ZQ8W5T7R9X1Y3C5D"), 404),
        ("/party-reference-data-directory/v1/parties", 403),
        (&run, 200),
    ] {
        let (answered, json) = advisor.get(path).await;
        assert_eq!(answered, status, "{path}: {json}");
    }
    let told_to_wait = advisor.send(http::Method::GET, &list, None).await;
    assert_eq!(told_to_wait.status, 429, "{told_to_wait:?}");
    let seconds = told_to_wait.headers["retry-after"].to_str().unwrap().parse().unwrap();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    assert_eq!(advisor.get(&list).await.0, 200);
    let passed = advisor.until(&run, |_, run| run["status"] != "RUNNING").await;
    assert_eq!(passed["status"], "PASSED", "{passed}");

    let certificates = bank.done("app certification list advisor").await;
    assert!(certificates.to_string().contains("ACCOUNT_INFORMATION"), "{certificates}");
    let asked = partner.done(live).await;
    let approved = bank.done(&format!("subscription approve {}", asked["id"].as_str().unwrap())).await;
    assert_eq!(approved["environment"], "production", "{approved}");
    // It covers reading; opening and holding asks for more.
    let (code, said) = partner.types("app subscribe advisor --api current-account --plan standard --production").await;
    assert!(code == 1 && said.to_string().contains("subscription.certification_required"), "{code}: {said}");
}
