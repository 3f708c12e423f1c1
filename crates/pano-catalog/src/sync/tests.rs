use super::*;
use pano_spec::Limits;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DOCUMENT: &str = "openapi: 3.0.0\ninfo: { title: A, version: 1.0.0 }\npaths: {}\n";

fn files() -> BTreeMap<String, Vec<u8>> {
    let text = [
        ("sync.yaml", "folder: retail\n"),
        ("providers/core.yaml", "slug: core\nname: { zh: 核心, en: Core }\ninternal: true\n"),
        ("plans/basic.yaml", "slug: basic\nname: { en: Basic }\nlimits: { quota_per_day: 1000 }\n"),
        (
            "apis/accounts.yaml",
            "slug: accounts\nname: { en: Accounts }\nowner: Team\nprovider: core\ndirectory: api.bank.account\n\
             versions:\n- document: documents/a.yaml\n  settings: { exit_plan: none, backend: { kind: mock } }\n",
        ),
        (
            "partners/acme.yaml",
            "slug: acme\nname: { en: Acme }\napps:\n- slug: web\n  name: { en: Web }\n  keys:\n\
             \x20 - { label: one, jwk: { kty: EC, crv: P-256, x: aa, y: bb } }\n\
             \x20 subscriptions:\n  - { api: accounts, plan: basic }\n",
        ),
        ("documents/a.yaml", DOCUMENT),
        ("README.md", "not data"),
    ];
    text.into_iter().map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).collect()
}

fn desired(files: &BTreeMap<String, Vec<u8>>) -> Desired {
    Desired::read(files, &Limits::default()).unwrap()
}

/// A server that keeps what it is sent, as the admin API would show it.
#[derive(Default)]
struct Server {
    live: Vec<Live>,
    made: usize,
    calls: Vec<String>,
}

impl Server {
    fn carry_out(&mut self, plan: &Plan) {
        let mut ids = Plan::ids(&self.live);
        for change in &plan.changes {
            let requests = change.requests(&plan.folder, &ids).unwrap();
            for request in &requests {
                self.calls.push(format!("{} {}", request.method, request.path));
            }
            match &change.action {
                Action::Create => {
                    self.made += 1;
                    let id = format!("id{}", self.made);
                    ids.insert((change.kind, change.key.clone()), id.clone());
                    let body = requests.last().unwrap().body.clone();
                    let body = if change.kind == Kind::Version { json!({ "settings": body }) } else { body };
                    self.live.push(self.show(change, id, &body, &plan.folder));
                }
                Action::Update => {
                    let body = requests[0].body.clone();
                    let body = if change.kind == Kind::Version { json!({ "settings": body }) } else { body };
                    let at = self.live.iter().position(|l| l.kind == change.kind && l.key == change.key).unwrap();
                    let id = self.live[at].id.clone();
                    self.live[at] = self.show(change, id, &body, &plan.folder);
                }
                Action::End => {
                    self.live
                        .iter_mut()
                        .filter(|l| l.kind == change.kind && l.key == change.key)
                        .for_each(|l| l.ended = true);
                }
                Action::Keep | Action::Leave | Action::Blocked { .. } => {}
            }
        }
    }

    fn show(&self, change: &Change, id: String, body: &Value, folder: &str) -> Live {
        let body =
            change.kind.members().iter().filter_map(|m| Some(((*m).to_owned(), body.get(*m)?.clone()))).collect();
        let stage = (change.kind == Kind::Version).then_some(crate::lifecycle::Stage::Draft);
        let (kind, key, managed_by) = (change.kind, change.key.clone(), Some(folder.to_owned()));
        Live { kind, key, id, generation: Some(1), managed_by, ended: false, state: None, stage, body }
    }
}

fn summary(plan: &Plan) -> Vec<String> {
    let word = |c: &Change| serde_json::to_value(&c.action).unwrap()["action"].as_str().unwrap().to_owned();
    plan.changes.iter().map(|c| format!("{} {} {}", word(c), c.kind, c.key.0.split('@').next().unwrap())).collect()
}

#[test]
fn a_second_sync_changes_nothing() {
    let desired = desired(&files());
    let mut server = Server::default();
    let first = plan(&desired, &server.live, Options::default());
    assert_eq!(first.changes.len(), 8);
    assert!(first.changes.iter().all(|c| c.action == Action::Create));
    server.carry_out(&first);
    assert_eq!(
        server.calls,
        [
            "POST /admin/v1/providers",
            "POST /admin/v1/plans",
            "POST /admin/v1/apis",
            "POST /admin/v1/imports",
            "PUT /admin/v1/versions/{new}/settings",
            "POST /admin/v1/partners",
            "POST /admin/v1/apps",
            "POST /admin/v1/apps/id6/credentials",
            "POST /admin/v1/subscriptions",
        ]
    );
    let second = plan(&desired, &server.live, Options { prune: true, adopt: true });
    assert!(second.is_empty(), "{:?}", summary(&second));
}

#[test]
fn changes_are_found_member_by_member() {
    let mut server = Server::default();
    server.carry_out(&plan(&desired(&files()), &[], Options::default()));
    let mut files = files();
    let api = String::from_utf8(files["apis/accounts.yaml"].clone()).unwrap();
    files.insert(
        "apis/accounts.yaml".into(),
        api.replace("owner: Team", "owner: Other").replace("exit_plan: none", "exit_plan: soon").into(),
    );
    files.insert(
        "providers/core.yaml".into(),
        b"slug: core\nname: { zh: \xE6\xA0\xB8\xE5\xBF\x83, en: Core }\n".to_vec(),
    );
    let desired = desired(&files);
    let changed = plan(&desired, &server.live, Options::default());
    let differences: Vec<_> = changed
        .changes
        .iter()
        .flat_map(|c| c.differences.iter().map(move |d| format!("{} {}", c.kind, d.at)))
        .collect();
    assert_eq!(differences, ["provider /internal", "api /owner", "version /settings/exit_plan"]);
    server.carry_out(&changed);
    assert!(plan(&desired, &server.live, Options::default()).is_empty());
    let published = server.live.iter_mut().find(|l| l.kind == Kind::Version).unwrap();
    published.stage = Some(crate::lifecycle::Stage::Published);
    let before = self::desired(&self::files());
    let blocked = plan(&before, &server.live, Options::default());
    let version = blocked.changes.iter().find(|c| c.kind == Kind::Version).unwrap();
    assert!(matches!(&version.action, Action::Blocked { reason } if reason.contains("published")));
}

#[test]
fn what_the_folder_does_not_own_is_left_alone() {
    let mut server = Server::default();
    server.carry_out(&plan(&desired(&files()), &[], Options::default()));
    for live in &mut server.live {
        live.managed_by = (live.kind != Kind::Provider).then(|| "another".to_owned());
    }
    let mut files = files();
    files.insert("providers/core.yaml".into(), b"slug: core\nname: { en: Mine }\n".to_vec());
    files.insert("plans/basic.yaml".into(), b"slug: basic\nname: { en: Mine }\n".to_vec());
    let desired = desired(&files);
    let plain = plan(&desired, &server.live, Options { prune: true, adopt: false });
    let blocked: Vec<_> =
        plain.changes.iter().filter(|c| matches!(c.action, Action::Blocked { .. })).map(|c| c.kind).collect();
    assert_eq!(blocked, [Kind::Provider, Kind::Plan]);
    let adopted = plan(&desired, &server.live, Options { prune: true, adopt: true });
    let of = |kind| adopted.changes.iter().find(|c| c.kind == kind).unwrap().action.clone();
    assert_eq!(of(Kind::Provider), Action::Update, "nobody's can be taken over");
    assert!(matches!(of(Kind::Plan), Action::Blocked { .. }), "another folder's cannot");
    let nothing = Desired { folder: "retail".into(), wanted: Vec::new() };
    assert!(plan(&nothing, &server.live, Options { prune: true, adopt: true }).changes.is_empty());
}

#[test]
fn only_prune_ends_what_is_no_longer_declared() {
    let mut server = Server::default();
    server.carry_out(&plan(&desired(&files()), &[], Options::default()));
    let nothing = Desired { folder: "retail".into(), wanted: Vec::new() };
    let kept = plan(&nothing, &server.live, Options::default());
    assert!(kept.is_empty() && kept.changes.iter().all(|c| c.action == Action::Leave));
    let pruned = plan(&nothing, &server.live, Options { prune: true, adopt: false });
    assert_eq!(
        summary(&pruned),
        [
            "end subscription acme/web/accounts",
            &format!("end credential {}", server.live.iter().find(|l| l.kind == Kind::Credential).unwrap().key),
            "end app acme/web",
            "end partner acme",
            "end version accounts",
            "leave api accounts",
            "end plan basic",
            "leave provider core",
        ]
    );
    server.calls.clear();
    server.carry_out(&pruned);
    assert!(server.calls.contains(&"POST /admin/v1/apps/id6/credentials/id7/revoke".to_owned()), "{:?}", server.calls);
    assert!(plan(&nothing, &server.live, Options { prune: true, adopt: false }).is_empty());
}

#[test]
fn a_dumped_folder_declares_what_is_there() {
    let desired = desired(&files());
    let mut server = Server::default();
    server.carry_out(&plan(&desired, &[], Options::default()));
    let key = |kind| server.live.iter().find(|l| l.kind == kind).unwrap().key.clone();
    let documents = BTreeMap::from([(key(Kind::Version), ("1.0.0".to_owned(), false, DOCUMENT.to_owned()))]);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": "aa", "y": "bb" });
    let keys = BTreeMap::from([(key(Kind::Credential), ("one".to_owned(), jwk))]);
    let plans = BTreeMap::from([(key(Kind::Subscription), "basic".to_owned())]);
    let written =
        dump(&Dump { folder: "retail", live: &server.live, documents: &documents, keys: &keys, plans: &plans });
    assert_eq!(written.len(), 6, "{:?}", written.keys());
    let files = written.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
    let again = self::desired(&files);
    let nothing = plan(&again, &server.live, Options { prune: true, adopt: true });
    assert!(nothing.is_empty(), "{:?}", summary(&nothing));
}

#[test]
fn mistakes_in_a_folder_are_named_all_at_once() {
    let mut files = files();
    files.remove("documents/a.yaml");
    files.insert("sync.yaml".into(), b"folder: ''\nfoldr: x\n".to_vec());
    files.insert("providers/twice.yaml".into(), b"slug: core\nname: { en: Core }\n".to_vec());
    files.insert("plans/bad.yaml".into(), b"slug: Bad Slug\nname: { en: x }\n".to_vec());
    files.insert("plans/torn.yaml".into(), b"slug: [".to_vec());
    let private = "slug: p\nname: { en: p }\napps: [ { slug: web, name: { en: w }, keys: [ { jwk: { kty: EC, d: secret } } ] } ]\n";
    files.insert("partners/key.yaml".into(), private.replace("slug: p\n", "slug: pp\n").into());
    let mistakes = Desired::read(&files, &Limits::default()).unwrap_err();
    let seen: Vec<_> = mistakes.iter().map(|m| m.file.as_str()).collect();
    assert_eq!(
        seen,
        [
            "sync.yaml",
            "apis/accounts.yaml",
            "partners/key.yaml",
            "plans/bad.yaml",
            "plans/torn.yaml",
            "providers/twice.yaml"
        ]
    );
    assert!(mistakes.iter().all(|m| !m.reason.contains("secret")));
    assert!(mistakes[2].reason.contains("disclosed"));
    let bare = Desired::read(&BTreeMap::new(), &Limits::default()).unwrap_err();
    assert_eq!(bare[0].file, "sync.yaml");
}

#[test]
fn a_reference_to_nothing_is_named() {
    let mut files = files();
    files.remove("plans/basic.yaml");
    let desired = desired(&files);
    let plan = plan(&desired, &[], Options::default());
    let subscription = plan.changes.iter().find(|c| c.kind == Kind::Subscription).unwrap();
    let mut ids = Ids::new();
    ids.insert((Kind::App, Key("acme/web".into())), "app".into());
    ids.insert((Kind::Api, Key("accounts".into())), "api".into());
    assert_eq!(subscription.requests("retail", &ids).unwrap_err().to_string(), "there is no plan basic");
}

#[test]
fn what_has_ended_is_made_again_only_where_its_name_is_free() {
    let desired = desired(&files());
    let mut server = Server::default();
    server.carry_out(&plan(&desired, &[], Options::default()));
    server.live.iter_mut().for_each(|l| l.ended = l.kind != Kind::Provider);
    let again = plan(&desired, &server.live, Options::default());
    let words: Vec<_> =
        summary(&again).into_iter().map(|s| s.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        words,
        [
            "keep provider",
            "blocked plan",
            "keep api",
            "create version",
            "blocked partner",
            "blocked app",
            "blocked credential",
            "create subscription",
        ]
    );
    let rejected = server.live.iter_mut().find(|l| l.kind == Kind::Subscription).unwrap();
    rejected.state = Some("rejected".into());
    let again = plan(&desired, &server.live, Options::default());
    assert!(
        matches!(again.changes[7].action, Action::Blocked { .. }),
        "a rejection is not asked about again and again"
    );
}
