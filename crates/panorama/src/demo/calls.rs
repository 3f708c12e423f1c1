//! A token, then accounts, balance, transactions and a payment through the gateway: the money moves, and moves once.

use super::onboard::{App, LAST, Partner};
use super::{Call, Site, Transcript};
use crate::command::keys::{Credentials, token_form};
use anyhow::{Context, ensure};
use http::Method;
use pano_http::Client;
use pano_types::clock::{OsEntropy, SystemClock};
use serde_json::{Value, json};

/// What the calls found.
#[derive(Debug, Clone)]
pub struct Calls {
    /// A token with every scope that the app may have.
    pub token: String,
    /// An account that money left.
    pub debtor: String,
    /// An account that it went to.
    pub creditor: String,
}

/// Gets a token for `app`.
///
/// # Errors
/// When the authorization server refuses.
pub async fn token(t: &mut Transcript, site: &Site, app: &App, scope: Option<&str>) -> anyhow::Result<String> {
    let who = Credentials { client_id: &app.id, key: &app.key, issuer: &site.issuer, scope };
    let form = token_form(&who, &SystemClock, &OsEntropy)?;
    let client = Client::new(&site.identity)?;
    let call = Call::new(
        "client_credentials, the client proven by private_key_jwt (ES256)",
        Method::POST,
        format!("{}/oauth2/token", site.identity),
    );
    t.call(&client, call.raw("application/x-www-form-urlencoded", form), 200).await?.text("/access_token")
}

/// Makes the partner's calls.
///
/// # Errors
/// When a call does not go as it should, or the money did.
pub async fn make(t: &mut Transcript, site: &Site, partner: &Partner) -> anyhow::Result<Calls> {
    t.step("An access token, and calls through the gateway to the bank's ledger");
    let token = token(t, site, &partner.app, None).await?;
    let client = Client::new(&site.gateway)?;
    let accounts = format!("{}/current-account/v1/accounts", site.gateway);
    let last = format!("{}/{LAST}/v1/payments", site.gateway);
    t.until(&client, &Call::new("", Method::GET, last).token(&token), 200).await?;
    let listed =
        t.call(&client, Call::new("accounts", Method::GET, format!("{accounts}?limit=100")).token(&token), 200).await?;
    let (debtor, creditor) = pair(&listed.json)?;
    let before = balance(t, &client, site, &token, &debtor).await?;
    let url = format!("{accounts}/{debtor}/transactions?limit=2");
    t.call(&client, Call::new("transactions, newest first, paged", Method::GET, url).token(&token), 200).await?;

    t.step("A payment moves money once, however often it is sent");
    let order = json!({ "debtorAccountId": debtor, "creditorAccountId": creditor, "amount": { "amount": "12.50", "currency": "CNY" } });
    let pay = |why| {
        Call::new(why, Method::POST, format!("{}/payment-order/v1/internal-transfers", site.gateway))
            .token(&token)
            .header("idempotency-key", "demo-order-0001")
    };
    let first = t.call(&client, pay("transfer 12.50 CNY").json(order.clone()), 201).await?;
    let again = t
        .call(&client, pay("the same again, with the same Idempotency-Key: the first answer").json(order.clone()), 201)
        .await?;
    ensure!(first.json["paymentId"] == again.json["paymentId"], "the repeated payment made another one");
    let mut other = order;
    other["amount"]["amount"] = "99.00".into();
    t.call(&client, pay("the same key for another order is refused").json(other), 422).await?;
    let after = balance(t, &client, site, &token, &debtor).await?;
    ensure!(before - after == 1250, "the balance went from {before} to {after} fen, not by 1250");
    t.say(&format!("   {} CNY → {} CNY: 12.50 has left, once", yuan(before), yuan(after)));
    Ok(Calls { token, debtor, creditor })
}

/// Two CNY accounts, the first with money.
fn pair(listed: &Value) -> anyhow::Result<(String, String)> {
    let items = listed["items"].as_array().context("a list of accounts")?;
    let mut cny = items
        .iter()
        .filter(|a| a["currency"] == "CNY" && a["status"] != "FROZEN")
        .filter_map(|a| a["accountId"].as_str());
    match (cny.next(), cny.next()) {
        (Some(a), Some(b)) => Ok((a.to_owned(), b.to_owned())),
        _ => anyhow::bail!("the sandbox bank has no two CNY accounts: {listed}"),
    }
}

/// Booked balance in fen.
async fn balance(t: &mut Transcript, client: &Client, site: &Site, token: &str, account: &str) -> anyhow::Result<i64> {
    let url = format!("{}/current-account/v1/accounts/{account}/balances", site.gateway);
    let shown = t.call(client, Call::new("balance", Method::GET, url).token(token), 200).await?;
    let amount = shown.json.pointer("/balances/0/amount/amount").and_then(Value::as_str).context("a booked balance")?;
    Ok(pano_types::Money::parse(amount, pano_types::Currency::CNY)?.minor())
}

fn yuan(fen: i64) -> String {
    pano_types::Money::new(fen, pano_types::Currency::CNY).amount()
}
