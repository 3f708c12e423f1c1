//! What is refused, and how: a problem with a stable code and a trace id each time.

use super::calls::{Calls, token};
use super::library::Library;
use super::onboard::Partner;
use super::{Call, Site, Team, Transcript};
use anyhow::{Context, ensure};
use http::Method;
use pano_http::Client;
use serde_json::json;

/// Shows each refusal.
///
/// # Errors
/// When something is not refused, or with another code.
pub async fn show(
    t: &mut Transcript,
    site: &Site,
    team: &Team,
    library: &Library,
    partner: &Partner,
    calls: &Calls,
) -> anyhow::Result<()> {
    t.step("What is refused, and how");
    let client = Client::new(&site.gateway)?;
    let at = |path: &str| format!("{}{path}", site.gateway);
    let accounts = at("/current-account/v1/accounts");
    let payments = at("/payment-order/v1/internal-transfers");
    let token_of = |secret: &str| secret.to_owned();

    let none = Call::new("no token", Method::GET, &accounts);
    refused(t, &client, none, 401, "gateway.token_missing").await?;
    let mut forged = token_of(&calls.token);
    forged.truncate(forged.len() - 6);
    let broken =
        Call::new("a token whose signature is not right", Method::GET, &accounts).token(&format!("{forged}AAAAAA"));
    refused(t, &client, broken, 401, "gateway.token_invalid").await?;

    let narrow = token(&mut Transcript::quiet(), site, &partner.app, Some("accounts:read")).await?;
    let order = json!({ "debtorAccountId": calls.debtor, "creditorAccountId": calls.creditor, "amount": { "amount": "1.00", "currency": "CNY" } });
    let call = Call::new("a token without the scope", Method::POST, &payments)
        .token(&narrow)
        .header("idempotency-key", "demo-scope");
    refused(t, &client, call.json(order.clone()), 403, "gateway.scope_missing").await?;

    let small = token(&mut Transcript::quiet(), site, &partner.trial, None).await?;
    let wrong = Call::new("an app that is not subscribed to this API", Method::GET, &accounts).token(&small);
    refused(t, &client, wrong, 403, "gateway.not_subscribed").await?;

    let mut bad = order.clone();
    bad["amount"] = json!({ "amount": 12.5, "currency": "CNY" });
    let call = Call::new("a body against the contract's schema, in Chinese this time", Method::POST, &payments)
        .token(&calls.token)
        .header("idempotency-key", "demo-schema")
        .header("accept-language", "zh-CN");
    refused(t, &client, call.json(bad), 400, "gateway.body_invalid").await?;

    let unknown =
        Call::new("an address that nothing was published at", Method::GET, at("/no/such/api")).token(&calls.token);
    refused(t, &client, unknown, 404, "gateway.route_unknown").await?;

    let parties = at("/party-reference-data-directory/v1/parties");
    let mut quiet = Transcript::quiet();
    for _ in 0..3 {
        quiet.call(&client, Call::new("within the burst", Method::GET, &parties).token(&small), 200).await?;
    }
    let over =
        Call::new("over the limit of its plan (burst of 3, then one a minute)", Method::GET, &parties).token(&small);
    refused(t, &client, over, 429, "gateway.rate_limited").await?;

    let mut much = order;
    much["amount"]["amount"] = "49999999.00".into();
    let call = Call::new("more than the account holds or may pay: the bank's own refusal", Method::POST, &payments);
    let call = call.token(&calls.token).header("idempotency-key", "demo-much").json(much);
    let shown = t.call(&client, call, 422).await?;
    ensure!(shown.text("/code")?.starts_with("bank."), "the bank answered with {}", shown.json);

    retire(t, site, team, library, calls).await?;
    revoke(t, site, team, partner).await
}

async fn retire(t: &mut Transcript, site: &Site, team: &Team, library: &Library, calls: &Calls) -> anyhow::Result<()> {
    let old = library.iter().find(|(slug, _)| slug.ends_with("-old")).map(|(_, old)| old).context("an old version")?;
    let url = format!("{}/admin/v1/versions/{}/retire", site.manager, old.version);
    let call = Call::new("an old version is retired …", Method::POST, url)
        .json(json!({ "why": "replaced by 1.0.0", "emergency": true }));
    t.call(&team.maker, call, 200).await?;
    let client = Client::new(&site.gateway)?;
    let gone = || {
        Call::new("… and says so", Method::GET, format!("{}{}/accounts", site.gateway, old.base_path))
            .token(&calls.token)
    };
    t.until(&client, &gone(), 410).await?;
    refused(t, &client, gone(), 410, "gateway.version_retired").await
}

async fn revoke(t: &mut Transcript, site: &Site, team: &Team, partner: &Partner) -> anyhow::Result<()> {
    let held = token(&mut Transcript::quiet(), site, &partner.trial, None).await?;
    let url = format!("{}/admin/v1/apps/{}/revoke-tokens", site.manager, partner.trial.id);
    let call = Call::new("security takes every token of an app back …", Method::POST, url)
        .json(json!({ "why": "demonstration" }));
    t.call(&team.checker, call, 200).await?;
    let client = Client::new(&site.gateway)?;
    let url = format!("{}/party-reference-data-directory/v1/parties", site.gateway);
    let call = || Call::new("… and the gateway knows", Method::GET, &url).token(&held);
    let ms = t.until(&client, &call(), 401).await?;
    refused(t, &client, call(), 401, "gateway.token_revoked").await?;
    t.say(&format!("   {ms} ms after it was said"));
    Ok(())
}

async fn refused(t: &mut Transcript, client: &Client, call: Call<'_>, status: u16, code: &str) -> anyhow::Result<()> {
    let shown = t.call(client, call, status).await?;
    ensure!(shown.text("/code")? == code, "expected {code}, got {}", shown.json);
    ensure!(shown.text("/trace_id")?.len() == 32, "no trace id in {}", shown.json);
    ensure!(shown.header("content-type") == Some("application/problem+json"), "not a problem: {}", shown.json);
    Ok(())
}
