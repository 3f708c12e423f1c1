//! The moves of a version, each through its gate, with audit link and event.

use axum::extract::State;
use axum::response::Response;
use pano_catalog::gate::{self, Check, Facts};
use pano_catalog::lifecycle::{Move, Refused, State as Lifecycle, Step};
use pano_catalog::model::Operation;
use pano_catalog::wire::{Caller, CheckView, GateView, MoveForm, VersionView};
use pano_catalog::{Api, Version};
use pano_http::{Context, Idempotent, Path};
use pano_store::UnitOfWork;
use pano_store::catalog::ServedVersion;
use pano_store::usage::{By, Filter};
use pano_types::id::ApiVersionId;
use pano_types::{Code, Instant, Localized, Problem};
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;

use super::units;
use super::version::load;
use crate::call::Call;
use crate::error::{Error, Result};
use crate::state::Manager;
use crate::write::{Change, Reply};

/// How far back callers are looked for.
const CALLERS_WITHIN: Duration = Duration::from_secs(30 * 86_400);
/// Name of the counter that publishing transactions queue up at, so that two cannot take the same path.
const QUEUE: &str = "catalog.publish";

macro_rules! moves {
    ($($(#[$doc:meta])* $name:ident = $wanted:ident, $path:literal, $operation:literal;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, operation_id = $operation, tag = "library", request_body = MoveForm,
            params(("id" = ApiVersionId, Path)), responses((status = 200, description = "The version", body = VersionView)))]
        pub(crate) async fn $name(
            State(manager): State<Manager>,
            call: Call,
            Path(id): Path<ApiVersionId>,
            request: Idempotent<MoveForm>,
        ) -> Result<Response> {
            let faults = contract_faults(&manager, id, Move::$wanted).await?;
            manager
                .post(call, request, move |change, form| Box::pin(go(change, id, Move::$wanted, form, faults.clone())))
                .await
        }
    )*};
}

moves! {
    /// Asks for review.
    submit = Submit, "/admin/v1/versions/{id}/submit", "version_submit";
    /// Takes back to draft.
    withdraw = Withdraw, "/admin/v1/versions/{id}/withdraw", "version_withdraw";
    /// Clears for publishing; by another person than who submitted.
    approve = Approve, "/admin/v1/versions/{id}/approve", "version_approve";
    /// Sends back to draft with a reason.
    reject = Reject, "/admin/v1/versions/{id}/reject", "version_reject";
    /// Serves it.
    publish = Publish, "/admin/v1/versions/{id}/publish", "version_publish";
    /// Gives notice.
    deprecate = Deprecate, "/admin/v1/versions/{id}/deprecate", "version_deprecate";
    /// Stops serving it.
    retire = Retire, "/admin/v1/versions/{id}/retire", "version_retire";
}

/// What stands between a version and a move, with everything that is missing; for retiring also who still calls.
#[utoipa::path(get, path = "/admin/v1/versions/{id}/gates/{move}", operation_id = "version_gate_read", tag = "library",
    params(("id" = ApiVersionId, Path), ("move" = Move, Path)),
    responses((status = 200, description = "The gate", body = GateView)))]
pub(crate) async fn gate(
    State(manager): State<Manager>,
    context: Context,
    Path((id, wanted)): Path<(ApiVersionId, Move)>,
) -> Result<axum::Json<GateView>> {
    let faults = contract_faults(&manager, id, wanted).await?;
    let mut unit = manager.read().await?;
    let (version, api) = load(&mut *unit, id).await?;
    let seen = gather(&mut *unit, &version, wanted, manager.now()).await?;
    let form = MoveForm::default();
    let checks = seen.checks(&manager, &api, &version, wanted, &form, &faults);
    let checks = checks.iter().map(|check| CheckView::new(check, context.lang)).collect();
    let possible = version.state.stage().moves().contains(&wanted);
    Ok(axum::Json(GateView { wanted, possible, checks, callers: seen.callers }))
}

/// Why the contract does not compile. Worked out before the transaction, and kept: it follows from the document, which does not
/// change any more.
pub(super) async fn contract_faults(manager: &Manager, id: ApiVersionId, wanted: Move) -> Result<Vec<String>> {
    if wanted != Move::Publish {
        return Ok(Vec::new());
    }
    let mut unit = manager.read().await?;
    let (version, _) = load(&mut *unit, id).await?;
    let operations = unit.operation_of_version(id).await?;
    drop(unit);
    Ok(match units::contract(manager, &version.document.sha256, operations).await? {
        Ok(known) => known.faults,
        Err(error) => vec![error.to_string()],
    })
}

/// What a gate looks at beside the version itself.
struct Seen {
    operations: Vec<Operation>,
    predecessors: Vec<ApiVersionId>,
    /// Served versions that answer where this one would, with the operations in conflict.
    conflicts: Vec<(ServedVersion, Vec<String>)>,
    callers: Vec<Caller>,
}

impl Seen {
    fn checks(
        &self,
        manager: &Manager,
        api: &Api,
        version: &Version,
        wanted: Move,
        form: &MoveForm,
        faults: &[String],
    ) -> Vec<Check> {
        let replaced = |served: &ServedVersion| form.replace && replaceable(version, served);
        let open = self.conflicts.iter().filter(|(served, _)| !replaced(served));
        let conflicts: Vec<Localized> = open.map(|(served, what)| describe(version, served, what)).collect();
        let callers: Vec<String> = self.callers.iter().map(|c| c.app.clone()).collect();
        let options = &manager.options().catalog;
        let facts = Facts {
            api,
            version,
            operations: &self.operations,
            predecessors: &self.predecessors,
            categories: &options.categories,
            codes: &options.codes,
            contract_faults: faults,
            route_conflicts: &conflicts,
            callers: &callers,
            emergency: form.emergency,
        };
        gate::evaluate(wanted, &facts)
    }
}

fn replaceable(version: &Version, served: &ServedVersion) -> bool {
    served.api == version.api && served.base_path == version.base_path
}

fn describe(version: &Version, served: &ServedVersion, what: &[String]) -> Localized {
    let (en, zh) = match replaceable(version, served) {
        true => ("; publish with replace, or give it another base path", "；发布时指定 replace，或更换基础路径"),
        false => ("", ""),
    };
    let (ServedVersion { version, id, .. }, what) = (served, what.join(", "));
    (
        format!("version {version} ({id}) answers {what} already{en}"),
        format!("版本 {version}（{id}）已在应答 {what}{zh}"),
    )
        .into()
}

async fn gather(unit: &mut dyn UnitOfWork, version: &Version, wanted: Move, now: Instant) -> Result<Seen> {
    let operations = unit.operation_of_version(version.id).await?;
    let versions = unit.version_of_apis(&[version.api]).await?;
    let before = versions.iter().filter(|v| v.id != version.id && v.state.published().is_some());
    let predecessors = before.map(|v| v.id).collect();
    let conflicts = match wanted {
        Move::Publish => conflicts(unit, version, &operations).await?,
        _ => Vec::new(),
    };
    let callers = match wanted {
        Move::Retire => callers(unit, version, now).await?,
        _ => Vec::new(),
    };
    Ok(Seen { operations, predecessors, conflicts, callers })
}

/// Served versions that answer a method and path that this one would answer too, or bear the same version text in the same API.
async fn conflicts(
    unit: &mut dyn UnitOfWork,
    version: &Version,
    operations: &[Operation],
) -> Result<Vec<(ServedVersion, Vec<String>)>> {
    let own = routes(&version.base_path, operations);
    let mut found = Vec::new();
    for served in unit.version_served().await? {
        if served.id == version.id || !served.stage.served() {
            continue;
        }
        let mut what = Vec::new();
        if served.api == version.api && served.version == version.version {
            what.push(format!("as {}", served.version));
        }
        if hosts_meet(&version.settings.hosts, &served.hosts) && paths_meet(&version.base_path, &served.base_path) {
            let theirs = routes(&served.base_path, &unit.operation_of_version(served.id).await?);
            let mut same: Vec<String> =
                own.iter().filter(|(k, _)| theirs.contains_key(*k)).map(|(_, v)| v.clone()).collect();
            same.sort();
            what.extend(same.into_iter().take(5));
        }
        if !what.is_empty() {
            found.push((served, what));
        }
    }
    Ok(found)
}

/// No host means any host.
fn hosts_meet(a: &[String], b: &[String]) -> bool {
    a.is_empty() || b.is_empty() || a.iter().any(|host| b.contains(host))
}

/// Whether one base path is the other or lies below it: only then can templates meet, for base paths hold no variables.
fn paths_meet(a: &pano_catalog::BasePath, b: &pano_catalog::BasePath) -> bool {
    let below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    below(a.as_str(), b.as_str()) || below(b.as_str(), a.as_str())
}

/// Method and path with every variable made the same, to the path as written.
fn routes(base: &pano_catalog::BasePath, operations: &[Operation]) -> HashMap<(String, String), String> {
    let blank = |segment: &str| if segment.contains('{') { "{}".to_owned() } else { segment.to_owned() };
    let route = |o: &Operation| {
        let path = format!("{base}{}", o.path);
        let shape: Vec<String> = path.split('/').map(blank).collect();
        ((o.method.clone(), shape.join("/")), format!("{} {path}", o.method))
    };
    operations.iter().map(route).collect()
}

/// Apps with accepted calls of this version lately.
async fn callers(unit: &mut dyn UnitOfWork, version: &Version, now: Instant) -> Result<Vec<Caller>> {
    let filter = Filter {
        from: Some(now.minus(CALLERS_WITHIN)),
        api: Some(version.api),
        version: Some(version.version.clone()),
        ..Filter::default()
    };
    let rows = unit.usage_rows(&filter, &[By::App, By::Partner], 200).await?;
    let caller = |row: pano_store::usage::Row| {
        let app = row.app?.to_string();
        let calls = row.totals.accepted;
        (calls > 0).then(|| Caller { app, partner: row.partner.map(|id| id.to_string()), calls })
    };
    Ok(rows.into_iter().filter_map(caller).collect())
}

/// Takes one move: what the lifecycle allows, then what the gate asks.
pub(super) async fn go(
    change: &mut Change,
    id: ApiVersionId,
    wanted: Move,
    form: MoveForm,
    faults: Vec<String>,
) -> Result<Reply> {
    allowed_members(wanted, &form)?;
    if wanted == Move::Publish {
        change.unit.counter_next(QUEUE).await?;
    }
    let (mut version, api) = load(&mut *change.unit, id).await?;
    let step = step(change, &form.why)?;
    let before = version.state.stage();
    let next = advance(version.state.clone(), wanted, step, &form).map_err(refused)?;
    let seen = gather(&mut *change.unit, &version, wanted, change.now).await?;
    let checks = seen.checks(change.manager(), &api, &version, wanted, &form, &faults);
    pass(checks)?;
    if wanted == Move::Publish {
        for (served, _) in seen.conflicts.iter().filter(|(served, _)| replaceable(&version, served)) {
            replace(change, served.id, &version).await?;
        }
    }
    version.state = next;
    version.generation = change.unit.version_update(&version).await?;
    let detail = json!({ "slug": api.slug, "version": version.version, "from": before, "why": form.why });
    change.note(format!("version.{}", told(wanted)), "version", id, detail);
    let generation = version.generation;
    Ok(Reply::ok(&VersionView::new(version, api.slug))?.tagged(generation))
}

/// The version that another takes the place of goes in the same transaction, so that no request finds nobody.
async fn replace(change: &mut Change, id: ApiVersionId, by: &Version) -> Result<()> {
    let (mut version, api) = load(&mut *change.unit, id).await?;
    let step = step(change, &format!("replaced by version {} ({})", by.version, by.id))?;
    version.state = version.state.retire(step, None).map_err(refused)?;
    change.unit.version_update(&version).await?;
    let detail = json!({ "slug": api.slug, "version": version.version, "replaced_by": by.id });
    change.note("version.retired", "version", id, detail);
    Ok(())
}

fn step(change: &Change, why: &str) -> Result<Step> {
    let pano_partner::Step { who, at, why } = change.step(why)?;
    Ok(Step { who, at, why })
}

fn advance(state: Lifecycle, wanted: Move, step: Step, form: &MoveForm) -> Result<Lifecycle, Refused> {
    match wanted {
        Move::Submit => state.submit(step),
        Move::Approve => state.approve(step),
        Move::Reject => state.reject(step),
        Move::Withdraw => state.withdraw(step),
        Move::Publish => state.publish(step),
        Move::Deprecate => state.deprecate(step, form.sunset, form.link.clone()),
        Move::Retire => state.retire(step, form.link.clone()),
    }
}

fn allowed_members(wanted: Move, form: &MoveForm) -> Result<()> {
    let set = [
        ("/sunset", form.sunset.is_some(), wanted == Move::Deprecate),
        ("/link", form.link.is_some(), matches!(wanted, Move::Deprecate | Move::Retire)),
        ("/replace", form.replace, wanted == Move::Publish),
        ("/emergency", form.emergency, wanted == Move::Retire),
    ];
    if let Some((at, ..)) = set.iter().find(|(_, given, used)| *given && !used) {
        return Err(Error::invalid(at, (format!("means nothing to {wanted}"), format!("对 {wanted} 没有意义"))));
    }
    if form.link.as_ref().is_some_and(|link| !is_link(link)) {
        return Err(Error::invalid(
            "/link",
            (
                "must be an http(s) address or a path, at most 500 characters",
                "须为 http(s) 地址或路径，至多 500 个字符",
            ),
        ));
    }
    Ok(())
}

/// It goes into a header, so it holds visible ASCII only, and no `<>` that would end it.
fn is_link(link: &str) -> bool {
    let begins = ["https://", "http://", "/"].iter().any(|start| link.starts_with(start));
    begins && link.len() <= 500 && link.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"'))
}

const fn told(wanted: Move) -> &'static str {
    match wanted {
        Move::Submit => "submitted",
        Move::Approve => "approved",
        Move::Reject => "rejected",
        Move::Withdraw => "withdrawn",
        Move::Publish => "published",
        Move::Deprecate => "deprecated",
        Move::Retire => "retired",
    }
}

fn refused(refused: Refused) -> Error {
    let text = refused.told();
    match refused {
        Refused::WrongState { .. } => Problem::new(Code::LifecycleRefused).detail(text),
        Refused::SamePerson(_) => Code::SameChecker.into(),
        Refused::ReasonMissing(_) => Problem::new(Code::RequestInvalid).error("/why", text),
        Refused::SunsetInPast => Problem::new(Code::RequestInvalid).error("/sunset", text),
    }
    .into()
}

fn pass(checks: Vec<Check>) -> Result<()> {
    let unmet: Vec<Check> = checks.into_iter().filter(|check| !check.met).collect();
    if unmet.is_empty() {
        return Ok(());
    }
    let mut problem = Problem::new(Code::GateRefused);
    for check in unmet {
        let name =
            serde_json::to_value(check.check).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        for missing in check.missing {
            problem = problem.error(name.clone(), missing);
        }
    }
    Err(problem.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_catalog::BasePath;

    #[test]
    fn base_paths_meet_only_when_one_holds_the_other() {
        let path = |text: &str| BasePath::parse(text).unwrap();
        for (a, b, want) in [
            ("/a/v1", "/a/v1", true),
            ("/a", "/a/v1", true),
            ("", "/a", true),
            ("/a/v1", "/a/v10", false),
            ("/a", "/b", false),
        ] {
            assert_eq!(paths_meet(&path(a), &path(b)), want, "{a} {b}");
            assert_eq!(paths_meet(&path(b), &path(a)), want, "{b} {a}");
        }
        let host = |names: &[&str]| names.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert!(hosts_meet(&[], &host(&["x"])) && hosts_meet(&host(&["x", "y"]), &host(&["y"])));
        assert!(!hosts_meet(&host(&["x"]), &host(&["y"])));
    }

    #[test]
    fn links_that_could_break_a_header_are_refused() {
        for (link, want) in [
            ("https://bank.example/v2", true),
            ("/accounts/v2", true),
            ("javascript:alert(1)", false),
            ("https://x/>; rel=evil", false),
            ("https://x/\r\nSet-Cookie: a", false),
        ] {
            assert_eq!(is_link(link), want, "{link}");
        }
    }
}
