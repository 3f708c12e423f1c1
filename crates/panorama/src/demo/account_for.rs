//! Everything is accounted for: access records, usage, the audit trail and its hash chain, the bank's books.

use super::onboard::Partner;
use super::{Call, PATIENCE, Site, Team, Transcript};
use anyhow::ensure;
use http::Method;
use pano_http::Client;
use pano_types::Secret;
use serde_json::Value;

/// Shows what was kept.
///
/// # Errors
/// When a count, the chain or the books are not as they should be.
pub async fn show(t: &mut Transcript, site: &Site, team: &Team, partner: &Partner) -> anyhow::Result<()> {
    t.step("Accounted for: access records, usage, audit");
    counted(team, partner).await?;
    let url = |path: String| format!("{}/admin/v1/{path}", site.manager);
    let records = url(format!("access-records?app={}&limit=3", partner.app.id));
    t.call(
        &team.checker,
        Call::new("access records, newest first: no token, no account number in them", Method::GET, records),
        200,
    )
    .await?;
    let usage = url(format!("usage?partner={}&by=app,api,operation,hour,status", partner.id));
    t.call(
        &team.maker,
        Call::new("usage by app, API, operation, hour and status; each accepted request once", Method::GET, usage),
        200,
    )
    .await?;
    let trail = url("audit?limit=3".to_owned());
    t.call(&team.checker, Call::new("who did what, newest first", Method::GET, trail), 200).await?;
    let verify = url("audit/verify".to_owned());
    let verdict = t.call(&team.checker, Call::new("the audit trail's hash chain", Method::GET, verify), 200).await?;
    ensure!(verdict.json["whole"] == true, "the chain is broken: {}", verdict.json);
    let credential = std::fs::read_to_string(site.data.join("credentials/bank.token"))?;
    let bank = Client::new(&site.bank)?.bearer(Secret::new(credential.trim().to_owned()));
    let books = Call::new(
        "the bank's trial balance: debits equal credits in every currency",
        Method::GET,
        format!("{}/internal/v1/trial-balance", site.bank),
    );
    let books = t.call(&bank, books, 200).await?;
    ensure!(books.json["balanced"] == true, "the books do not balance: {}", books.json);
    Ok(())
}

/// Waits until the manager has counted every accepted request that the access records show.
async fn counted(team: &Team, partner: &Partner) -> anyhow::Result<()> {
    let begun = std::time::Instant::now();
    loop {
        let usage: Value = team.maker.get(&format!("/admin/v1/usage?app={}", partner.app.id)).await?;
        let total = usage.pointer("/totals/accepted").and_then(Value::as_u64).unwrap_or(0);
        if total >= 7 {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "usage does not arrive: {usage}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
