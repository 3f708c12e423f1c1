//! A partner comes: registered, admitted, an app with its own key, subscriptions.

use super::library::Library;
use super::{Call, Site, Team, Transcript};
use anyhow::Context;
use http::Method;
use pano_crypto::{Alg, SigningKey};
use serde_json::json;

/// The API that is subscribed to last.
pub const LAST: &str = "payment-order";

/// An app with its key; the private half never leaves this process.
#[derive(Debug)]
pub struct App {
    /// Identifier and `client_id`.
    pub id: String,
    /// Its key pair.
    pub key: SigningKey,
}

/// What the partner has.
#[derive(Debug)]
pub struct Partner {
    /// Identifier.
    pub id: String,
    /// Subscribed to all that is published.
    pub app: App,
    /// Subscribed to one API under a small plan.
    pub trial: App,
}

/// Registers and admits a partner with three apps.
///
/// # Errors
/// When a call does not go as it should.
pub async fn admit(t: &mut Transcript, site: &Site, team: &Team, library: &Library) -> anyhow::Result<Partner> {
    t.step("A partner is registered and admitted");
    let base = format!("{}/admin/v1", site.manager);
    let form = json!({
        "slug": "wealth-mate", "name": { "zh": "财富伙伴科技", "en": "Wealth Mate" }, "registration": "91310000MA1FL0000X",
        "contact": "api@wealth-mate.example", "scenario": { "sensitive_data": true, "moves_funds": true },
        "evidence": [
            { "area": "secure_development", "reference": "WM-SDL-2026" }, { "area": "privacy_compliance", "reference": "WM-PIA-7" },
            { "area": "access_and_privilege", "reference": "WM-IAM-3" }, { "area": "personnel", "reference": "WM-HR-2" },
            { "area": "identity", "reference": "WM-IDP-1" }, { "area": "change", "reference": "WM-CHG-4" },
            { "area": "secure_data_exchange", "reference": "WM-DX-9" }, { "area": "daily_security_operations", "reference": "WM-SOC-5" },
        ],
    });
    let made = t
        .call(
            &team.maker,
            Call::new("the maker registers it", Method::POST, format!("{base}/partners")).json(form),
            201,
        )
        .await?;
    let id = made.text("/id")?;
    let submit = Call::new("asks for admission", Method::POST, format!("{base}/partners/{id}/submit")).json(json!({}));
    t.call(&team.maker, submit, 200).await?;
    let admit = Call::new(
        "the checker admits it into tier 3: sensitive data and funds",
        Method::POST,
        format!("{base}/partners/{id}/admit"),
    );
    t.call(&team.checker, admit.json(json!({ "tier": "tier3", "why": "evidence in eight areas" })), 200).await?;

    t.step("Its app registers the public half of its own key and subscribes");
    let app = app(t, site, team, &id, "robo-advisor").await?;
    let trial = app_of(site, team, &id, "trial").await?;
    let plans = format!("{base}/plans");
    let wide = json!({ "slug": "standard", "name": { "zh": "标准", "en": "Standard" }, "limits": { "operation_rate": { "requests": 200, "burst": 200 }, "quota_per_day": 100_000 } });
    let wide = t.call(&team.maker, Call::new("a plan", Method::POST, &plans).json(wide), 201).await?.text("/id")?;
    let small = json!({ "slug": "trial", "name": { "zh": "试用", "en": "Trial" }, "limits": { "operation_rate": { "requests": 1, "per_seconds": 60, "burst": 3 } } });
    let small =
        t.call(&team.maker, Call::new("and a small one", Method::POST, &plans).json(small), 201).await?.text("/id")?;
    let mut quiet = Transcript::quiet();
    let parties = library.get("party-reference-data-directory").context("the bank's party API")?;
    subscribe(&mut quiet, site, team, &trial.id, &parties.api, &small).await?;
    // The last one is what `calls` waits for: revisions only grow, so what came before is there too.
    let (last, others): (Vec<_>, Vec<_>) =
        library.iter().filter(|(slug, _)| !slug.ends_with("-old")).partition(|(slug, _)| *slug == LAST);
    for (slug, published) in &others {
        subscribe(&mut quiet, site, team, &app.id, &published.api, &wide).await.with_context(|| (*slug).clone())?;
    }
    for (slug, published) in last {
        subscribe(t, site, team, &app.id, &published.api, &wide).await.with_context(|| slug.clone())?;
    }
    t.say(&format!("   … and to {} other APIs", others.len()));
    Ok(Partner { id, app, trial })
}

async fn app_of(site: &Site, team: &Team, partner: &str, slug: &str) -> anyhow::Result<App> {
    app(&mut Transcript::quiet(), site, team, partner, slug).await
}

/// Registers an app with a fresh key and switches it on.
///
/// # Errors
/// When a call does not go as it should.
pub async fn app(t: &mut Transcript, site: &Site, team: &Team, partner: &str, slug: &str) -> anyhow::Result<App> {
    let base = format!("{}/admin/v1/apps", site.manager);
    let form = json!({ "partner": partner, "slug": slug, "name": { "zh": "智能投顾", "en": "Robo advisor" } });
    let id = t.call(&team.maker, Call::new("the app", Method::POST, &base).json(form), 201).await?.text("/id")?;
    let key = SigningKey::generate(Alg::Es256)?;
    let call = Call::new(
        "its public key (ES256); a private one would be refused",
        Method::POST,
        format!("{base}/{id}/credentials"),
    );
    let jwk = key.public().to_json();
    t.call(&team.maker, call.json(json!({ "label": "2026", "jwk": jwk })), 201).await?;
    let call = Call::new("switched on", Method::POST, format!("{base}/{id}/activate")).json(json!({}));
    t.call(&team.maker, call, 200).await?;
    Ok(App { id, key })
}

/// Asks for a subscription and has it approved.
///
/// # Errors
/// When a call does not go as it should.
pub async fn subscribe(
    t: &mut Transcript,
    site: &Site,
    team: &Team,
    app: &str,
    api: &str,
    plan: &str,
) -> anyhow::Result<()> {
    let base = format!("{}/admin/v1/subscriptions", site.manager);
    let form = json!({ "app": app, "api": api, "plan": plan });
    let asked =
        t.call(&team.maker, Call::new("a subscription is asked for", Method::POST, &base).json(form), 201).await?;
    let approve =
        Call::new("and approved by another person", Method::POST, format!("{base}/{}/approve", asked.text("/id")?));
    t.call(&team.checker, approve.json(json!({})), 200).await?;
    Ok(())
}
