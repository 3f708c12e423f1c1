use super::*;
use crate::category::{CategoryCode, Grade};
use crate::directory::NodePath;
use crate::lifecycle::{State, Step};
use crate::model::{ChangeFacts, DocumentFacts};
use crate::settings::{OperationSettings, Settings, Waiver};
use crate::{IdentificationCode, Slug};
use pano_types::clock::SeededEntropy;
use pano_types::id::{ApiId, OperatorId, ProviderId};
use pano_types::{ApiLevel, DataClass, Instant};

struct World {
    api: Api,
    version: Version,
    operations: Vec<Operation>,
    predecessors: Vec<ApiVersionId>,
    contract_faults: Vec<String>,
    route_conflicts: Vec<Localized>,
    callers: Vec<String>,
    emergency: bool,
}

fn world() -> World {
    let entropy = SeededEntropy::new(3);
    let now = Instant::from_unix_seconds(1_000);
    let api = Api {
        id: ApiId::new(now, &entropy),
        slug: Slug::parse("accounts").unwrap(),
        name: Localized::new("账户", "Accounts"),
        summary: Localized::default(),
        owner: "Retail accounts".into(),
        provider: Some(ProviderId::new(now, &entropy)),
        directory: Some(NodePath::parse("api.bank.account").unwrap()),
        managed_by: None,
        created_at: now,
        generation: 1,
    };
    let code = CodeTable::default().generate(ApiLevel::A2, api.directory.as_ref().unwrap(), 1).unwrap();
    let version = Version {
        id: ApiVersionId::new(now, &entropy),
        api: api.id,
        version: "1.0.0".into(),
        state: State::draft(),
        base_path: crate::BasePath::of(&api.slug, "1.0.0"),
        settings: Settings {
            identification_code: Some(code),
            backend: Some(Backend::Mock),
            exit_plan: "replaced by v2, six months' notice".into(),
            ..Settings::default()
        },
        document: DocumentFacts {
            sha256: String::new(),
            bytes: 1,
            media_type: "application/yaml".into(),
            source: String::new(),
            operations: 1,
            lint_errors: vec![],
            lint_warnings: 0,
            ungraded: vec![],
            changes: None,
        },
        proposed_level: ApiLevel::A2,
        created_by: OperatorId::new(now, &entropy),
        created_at: now,
        generation: 1,
    };
    let operation = Operation {
        name: "list".into(),
        method: "GET".into(),
        path: "/accounts".into(),
        summary: String::new(),
        bian: None,
        proposed: Grade { category: CategoryCode::new("account_query"), data_class: DataClass::C2 },
        scopes: vec!["accounts:read".into()],
    };
    World {
        api,
        version,
        operations: vec![operation],
        predecessors: vec![],
        contract_faults: vec![],
        route_conflicts: vec![],
        callers: vec![],
        emergency: false,
    }
}

fn unmet(world: &World, wanted: Move) -> Vec<CheckId> {
    let (categories, codes) = (CategoryTable::default(), CodeTable::default());
    let facts = Facts {
        api: &world.api,
        version: &world.version,
        operations: &world.operations,
        predecessors: &world.predecessors,
        categories: &categories,
        codes: &codes,
        contract_faults: &world.contract_faults,
        route_conflicts: &world.route_conflicts,
        callers: &world.callers,
        emergency: world.emergency,
    };
    evaluate(wanted, &facts).into_iter().filter(|c| !c.met).map(|c| c.check).collect()
}

#[test]
fn a_complete_version_passes_every_gate() {
    for wanted in Move::ALL {
        assert_eq!(unmet(&world(), wanted), [], "{wanted}");
    }
}

/// One thing taken away, and the check that must notice.
type Case = (&'static str, fn(&mut World), Move, &'static [CheckId]);

#[test]
fn each_check_notices_what_it_is_for() {
    let cases: &[Case] = &[
        ("lint errors", |w| w.version.document.lint_errors = vec!["a".into()], Move::Submit, &[CheckId::Lint]),
        ("a guess", |w| w.version.document.ungraded = vec!["list".into()], Move::Submit, &[CheckId::Grading]),
        (
            "a guess met by the checker",
            |w| w.version.document.ungraded = vec!["list".into()],
            Move::Approve,
            &[CheckId::Grading],
        ),
        (
            "a guess that is confirmed",
            |w| {
                w.version.document.ungraded = vec!["list".into()];
                let category = Some(CategoryCode::new("account_query"));
                w.version.settings.operations =
                    [("list".to_owned(), OperationSettings { category, ..OperationSettings::default() })].into();
            },
            Move::Submit,
            &[],
        ),
        (
            "a waiver for another rule",
            |w| {
                w.version.document.lint_errors = vec!["a".into()];
                w.version.settings.lint_waivers = vec![Waiver { rule: "b".into(), why: "x".into() }];
            },
            Move::Submit,
            &[CheckId::Lint],
        ),
        (
            "a waiver for that rule",
            |w| {
                w.version.document.lint_errors = vec!["a".into()];
                w.version.settings.lint_waivers = vec![Waiver { rule: "a".into(), why: "BIAN's own document".into() }];
            },
            Move::Submit,
            &[],
        ),
        ("no operations", |w| w.operations.clear(), Move::Submit, &[CheckId::Operations]),
        (
            "a version before, no report",
            |w| w.predecessors = vec![w.version.id],
            Move::Submit,
            &[CheckId::ChangeReport],
        ),
        (
            "a version before, and a report",
            |w| {
                let from = w.version.id;
                w.predecessors = vec![from];
                w.version.document.changes = Some(ChangeFacts { from, breaking: 1, compatible: 0, unclassified: 0 });
            },
            Move::Submit,
            &[],
        ),
        (
            "unknown category",
            |w| w.operations[0].proposed.category = CategoryCode::new("x"),
            Move::Submit,
            &[CheckId::Category],
        ),
        (
            "a public operation that is not harmless",
            |w| {
                let public = OperationSettings { public: true, ..OperationSettings::default() };
                w.version.settings.operations.insert("list".into(), public);
            },
            Move::Submit,
            &[CheckId::Category],
        ),
        ("level lowered", |w| w.version.settings.level = Some(ApiLevel::A1), Move::Submit, &[CheckId::Level]),
        ("no leaf", |w| w.api.directory = None, Move::Approve, &[CheckId::Directory]),
        (
            "a branch is no leaf",
            |w| w.api.directory = Some(NodePath::parse("api.bank").unwrap()),
            Move::Submit,
            &[CheckId::Directory, CheckId::IdentificationCode],
        ),
        ("no code", |w| w.version.settings.identification_code = None, Move::Publish, &[CheckId::IdentificationCode]),
        (
            "a code of another category",
            |w| {
                let code = IdentificationCode::parse("OP000000A201010500000001").unwrap();
                w.version.settings.identification_code = Some(code);
            },
            Move::Submit,
            &[CheckId::IdentificationCode],
        ),
        ("no owner", |w| w.api.owner = " ".into(), Move::Submit, &[CheckId::Owner]),
        ("no provider", |w| w.api.provider = None, Move::Submit, &[CheckId::Provider]),
        ("no backend", |w| w.version.settings.backend = None, Move::Publish, &[CheckId::Backend]),
        ("no exit plan", |w| w.version.settings.exit_plan.clear(), Move::Submit, &[CheckId::ExitPlan]),
        ("contract", |w| w.contract_faults = vec!["x".into()], Move::Publish, &[CheckId::Contract]),
        ("routes", |w| w.route_conflicts = vec!["x".into()], Move::Publish, &[CheckId::Routes]),
        (
            "everything at once",
            |w| {
                w.api.owner.clear();
                w.api.provider = None;
                w.version.settings.exit_plan.clear();
            },
            Move::Submit,
            &[CheckId::Owner, CheckId::Provider, CheckId::ExitPlan],
        ),
    ];
    for (what, spoil, wanted, want) in cases {
        let mut world = world();
        spoil(&mut world);
        assert_eq!(unmet(&world, *wanted), *want, "{what}");
    }
}

#[test]
fn a_version_that_is_called_goes_only_after_notice() {
    let mut world = world();
    let step = |n| Step {
        who: OperatorId::new(Instant::default(), &SeededEntropy::new(n)),
        at: Instant::from_unix_seconds(5),
        why: "x".into(),
    };
    let published = State::draft().submit(step(1)).unwrap().approve(step(2)).unwrap().publish(step(1)).unwrap();
    world.version.state = published.clone();
    assert_eq!(unmet(&world, Move::Retire), [], "nobody calls");
    world.callers = vec!["app_1".into()];
    assert_eq!(unmet(&world, Move::Retire), [CheckId::Notice]);
    world.emergency = true;
    assert_eq!(unmet(&world, Move::Retire), []);
    world.emergency = false;
    world.version.state = published.clone().deprecate(step(1), None, None).unwrap();
    assert_eq!(unmet(&world, Move::Retire), [CheckId::Notice], "a notice without a date is none");
    let sunset = Some(Instant::from_unix_seconds(9));
    world.version.state = published.deprecate(step(1), sunset, None).unwrap();
    assert_eq!(unmet(&world, Move::Retire), []);
}
