//! Import, review, publish: what the bank offers gets into the capability library and onto the gateway.

use super::{Call, Site, Team, Transcript};
use anyhow::{Context, bail};
use http::Method;
use pano_http::Client;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Real documents that the demo brings along, relative to the folder of descriptions.
const REAL: &[(&str, &str)] = &[
    ("bian-current-account", "bian/release-14.0.0/CurrentAccount.yaml"),
    ("bian-payment-order-initiation", "bian/release-14.0.0/PaymentOrderInitiation.yaml"),
    ("uk-account-info", "uk-openbanking-4.0/account-info-openapi.yaml"),
    ("br-accounts", "br-openfinance/accounts-2.4.2.yml"),
    ("au-banking", "au-cdr-1.36.0/cds_banking.yaml"),
];

/// A published API.
#[derive(Debug, Clone)]
pub struct Published {
    /// The API.
    pub api: String,
    /// Its version.
    pub version: String,
    /// Path before its templates.
    pub base_path: String,
}

/// What was published, by short name.
pub type Library = BTreeMap<String, Published>;

/// Imports, reviews and publishes.
///
/// # Errors
/// When a call does not go as it should.
pub async fn fill(t: &mut Transcript, site: &Site, team: &Team, specs: Option<&Path>) -> anyhow::Result<Library> {
    t.step("Import: API descriptions go into the capability library, as drafts");
    let form = json!({ "slug": "sandbox-bank", "name": { "zh": "沙箱银行", "en": "Sandbox bank" }, "internal": true, "contact": "sandbox@bank.example" });
    let providers = format!("{}/admin/v1/providers", site.manager);
    t.call(&team.admin, Call::new("the provider of the backends", Method::POST, providers).json(form), 201).await?;
    let mut drafts = Vec::new();
    for document in pano_bank::DOCUMENTS {
        let backend = format!("{}/{}/v1", site.bank, document.slug);
        drafts.push(import(t, site, team, document.slug, document.text, Some(&backend)).await?);
    }
    let first = pano_bank::DOCUMENTS.first().context("the bank has documents")?;
    let old = first.text.replacen("version: 1.0.0", "version: 0.9.0", 1);
    drafts.push(import(t, site, team, first.slug, &old, None).await?);
    match specs.filter(|folder| folder.is_dir()) {
        None => t.say(
            "\n   PANORAMA_SPECS names no folder: the real BIAN, UK, Brazilian and Australian documents are left out",
        ),
        Some(folder) => {
            for (slug, file) in REAL {
                let text = std::fs::read_to_string(folder.join(file)).with_context(|| format!("cannot read {file}"))?;
                drafts.push(import(t, site, team, slug, &text, None).await?);
            }
        }
    }
    let hostile = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  /a: {get: {responses: {'200': {$ref: 'https://evil.example/x.yaml#/a'}}}}\n";
    let imports = format!("{}/admin/v1/imports?slug=hostile", site.manager);
    let call =
        Call::new("a document that points outside is refused, with the place and the reason", Method::POST, imports);
    t.call(&team.maker, call.raw("application/yaml", hostile), 422).await?;
    review(t, site, team, &drafts).await?;
    publish(t, site, team, drafts).await
}

#[derive(Debug)]
struct Draft {
    slug: String,
    version_id: String,
    version: String,
}

async fn import(
    t: &mut Transcript,
    site: &Site,
    team: &Team,
    slug: &str,
    text: &str,
    backend: Option<&str>,
) -> anyhow::Result<Draft> {
    let backend = backend.map_or_else(
        || "backend=mock".to_owned(),
        |address| format!("backend={}&credential=bank", crate::remote::escape(address)),
    );
    let extra = "owner=open-banking&provider=sandbox-bank&directory=api.bank.account&exit_plan=90%20days%20notice%2C%20data%20exported\
        &waive_lint=published%20standard%2C%20taken%20as%20it%20is&confirm_grades=true";
    let url = format!("{}/admin/v1/imports?slug={slug}&{backend}&{extra}", site.manager);
    let why = format!("{slug}: {} KiB", text.len() / 1024);
    let shown =
        t.call(&team.maker, Call::new(&why, Method::POST, url).raw("application/yaml", text.to_owned()), 201).await?;
    let (version_id, version) = (shown.text("/version_id")?, shown.text("/version")?);
    let url = format!("{}/admin/v1/versions/{version_id}/identification-code", site.manager);
    let call = Call::new("its identification code, made by the table of JR/T 0185", Method::POST, url).json(json!({}));
    t.call(&team.maker, call, 200).await?;
    Ok(Draft { slug: slug.to_owned(), version_id, version })
}

async fn review(t: &mut Transcript, site: &Site, team: &Team, drafts: &[Draft]) -> anyhow::Result<()> {
    t.step("Review: maker ≠ checker");
    let url = |draft: &Draft, step: &str| format!("{}/admin/v1/versions/{}/{step}", site.manager, draft.version_id);
    let first = drafts.first().context("something was imported")?;
    let gate = Call::new("what stands between a draft and review", Method::GET, url(first, "gates/submit"));
    t.call(&team.maker, gate, 200).await?;
    let submit = Call::new("the maker submits", Method::POST, url(first, "submit"))
        .json(json!({ "why": "sandbox for partners" }));
    t.call(&team.maker, submit, 200).await?;
    let own =
        Call::new("the maker may check other work, not their own", Method::POST, url(first, "approve")).json(json!({}));
    t.call(&team.maker, own, 403).await?;
    let approve = Call::new("the checker approves", Method::POST, url(first, "approve"))
        .json(json!({ "why": "read and compared" }));
    t.call(&team.checker, approve, 200).await?;
    let rest: Vec<_> = drafts.iter().skip(1).map(|draft| &draft.version_id).collect();
    let bulk = format!("{}/admin/v1/apis:bulk", site.manager);
    for (client, wanted) in [(&team.maker, "submit"), (&team.checker, "approve")] {
        let form = json!({ "versions": rest, "move": wanted, "form": { "why": "the whole import" } });
        let why = format!("{wanted} for the other {}", rest.len());
        let shown = t.call(client, Call::new(&why, Method::POST, &bulk).json(form), 200).await?;
        if shown.json["done"] != rest.len() {
            bail!("not all could {wanted}: {}", shown.json);
        }
    }
    Ok(())
}

async fn publish(t: &mut Transcript, site: &Site, team: &Team, drafts: Vec<Draft>) -> anyhow::Result<Library> {
    t.step("Publish: live at the gateway within a second, no request fails because of it");
    let ids: Vec<_> = drafts.iter().map(|draft| &draft.version_id).collect();
    let form = json!({ "versions": ids, "move": "publish", "form": { "why": "opening day" } });
    let call = Call::new("publish them all", Method::POST, format!("{}/admin/v1/apis:bulk", site.manager)).json(form);
    let shown = t.call(&team.maker, call, 200).await?;
    if shown.json["done"] != ids.len() {
        bail!("not all were published: {}", shown.json);
    }
    let begun = std::time::Instant::now();
    let gateway = Client::new(&site.gateway)?;
    let mut library = Library::new();
    for draft in &drafts {
        let view: Value = team.maker.get(&format!("/admin/v1/versions/{}", draft.version_id)).await?;
        let text = |pointer: &str| view.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let published =
            Published { api: text("/api"), version: draft.version_id.clone(), base_path: text("/base_path") };
        let operations: Value =
            team.maker.get(&format!("/admin/v1/versions/{}/operations?limit=1", draft.version_id)).await?;
        let template = operations.pointer("/items/0/path").and_then(Value::as_str).unwrap_or_default();
        let method = operations.pointer("/items/0/method").and_then(Value::as_str).unwrap_or("GET");
        let path = template.replace(['{', '}'], "");
        let probe = Call::new("", method.parse()?, format!("{}{}{path}", site.gateway, published.base_path));
        t.until(&gateway, &probe, 401).await.with_context(|| draft.slug.clone())?;
        let key = if draft.version.starts_with("0.9") { format!("{}-old", draft.slug) } else { draft.slug.clone() };
        library.insert(key, published);
    }
    t.say(&format!("   every one of them asks for a token at the gateway after {} ms", begun.elapsed().as_millis()));
    let url = format!("{}/admin/v1/gateways", site.manager);
    t.call(&team.maker, Call::new("gateways and their snapshots: no drift", Method::GET, url), 200).await?;
    let search = format!("{}/admin/v1/search?q={}", site.manager, crate::remote::escape("账户 余额"));
    t.call(&team.maker, Call::new("search the library, in Chinese or English", Method::GET, search), 200).await?;
    Ok(library)
}
