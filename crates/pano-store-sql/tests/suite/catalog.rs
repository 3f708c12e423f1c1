//! Cases of `pano_store::catalog`.

use pano_catalog::category::Grade;
use pano_catalog::directory::{Node, NodePath, default_tree};
use pano_catalog::lifecycle::{Stage, State, Step};
use pano_catalog::model::{Bian, DocumentFacts, Operation};
use pano_catalog::search::{Field, Index, Query, WHOLE, rank};
use pano_catalog::{Api, BasePath, CategoryCode, CodeTable, Provider, Settings, Slug, Version};
use pano_store::catalog::{
    ApiFilter, ContractKnown, ContractMade, GradeRow, ImportRecord, NewVersion, OperationFilter, scopes_of_apis,
};
use pano_store::{StoreError, UnitOfWork};
use pano_testkit::TestStore;
use pano_types::clock::SeededEntropy;
use pano_types::id::{ApiId, ApiVersionId, DirectoryId, ImportId, OperatorId, ProviderId};
use pano_types::{ApiLevel, DataClass, Entropy, Instant, Localized, PageRequest};

cases! {
    the_directory_keeps_its_tree,
    providers_and_apis_round_trip_and_notice_stale_updates,
    versions_keep_document_operations_and_state,
    operations_are_filtered_and_paged,
    search_finds_across_versions_and_respects_stages,
    identification_codes_belong_to_one_api,
    import_reports_are_listed_newest_first,
    an_unsaved_import_leaves_nothing,
    contracts_are_kept_by_document_and_read_by_digest,
    many_operations_are_written_in_batches,
}

fn at(n: i64) -> Instant {
    Instant::from_unix_seconds(1_700_000_000 + n)
}

fn path(text: &str) -> NodePath {
    NodePath::parse(text).unwrap()
}

fn node(text: &str, entropy: &dyn Entropy) -> Node {
    Node {
        id: DirectoryId::new(at(0), entropy),
        path: path(text),
        name: Localized::new("目录", text),
        position: 3,
        created_at: at(0),
        generation: 1,
    }
}

fn api(slug: &str, entropy: &dyn Entropy) -> Api {
    Api {
        id: ApiId::new(at(1), entropy),
        slug: Slug::parse(slug).unwrap(),
        name: Localized::new("账户", slug),
        summary: Localized::default(),
        owner: "team".into(),
        provider: None,
        directory: None,
        managed_by: None,
        created_at: at(1),
        generation: 1,
    }
}

fn version(api: &Api, text: &str, entropy: &dyn Entropy) -> Version {
    Version {
        id: ApiVersionId::new(at(2), entropy),
        api: api.id,
        version: text.into(),
        state: State::draft(),
        base_path: BasePath::of(&api.slug, text),
        settings: Settings { exit_plan: "计划".into(), ..Settings::default() },
        document: DocumentFacts {
            sha256: format!("{:064x}", entropy.u128()),
            bytes: 5,
            media_type: "application/yaml".into(),
            source: "a.yaml".into(),
            operations: 2,
            lint_errors: vec!["rule".into()],
            lint_warnings: 3,
            ungraded: vec![],
            changes: None,
        },
        proposed_level: ApiLevel::A2,
        created_by: OperatorId::new(at(0), entropy),
        created_at: at(2),
        generation: 1,
    }
}

fn operation(name: &str, method: &str, bian: Option<&str>) -> Operation {
    Operation {
        name: name.into(),
        method: method.into(),
        path: format!("/{name}"),
        summary: "概要".into(),
        bian: bian.map(|action| Bian {
            service_domain: "CurrentAccount".into(),
            control_record: "CurrentAccountFacility".into(),
            behaviour_qualifier: (action == "Update").then(|| "Interest".to_owned()),
            action: action.into(),
        }),
        proposed: Grade { category: CategoryCode::new("account_query"), data_class: DataClass::C2 },
        scopes: vec!["a:read".into()],
    }
}

async fn put(unit: &mut dyn UnitOfWork, version: &Version, operations: &[Operation], words: &str) {
    let mut index = Index::default();
    index.add(WHOLE, Field::Name, words);
    for (i, operation) in operations.iter().enumerate() {
        index.add(i32::try_from(i).unwrap(), Field::Operation, &operation.name);
    }
    let entries = index.entries();
    let content = "\u{feff}openapi: 3.0.0\r\n# 字节\n";
    unit.version_add(NewVersion { version, operations, content, entries: &entries }).await.unwrap();
}

async fn the_directory_keeps_its_tree(store: &TestStore) {
    let entropy = SeededEntropy::new(1);
    let store = store.store();
    let mut unit = store.begin().await.unwrap();
    for seed in default_tree() {
        unit.directory_add(&node(seed.path.as_str(), &entropy)).await.unwrap();
    }
    unit.save().await.unwrap();

    let mut unit = store.read().await.unwrap();
    let all = unit.directory_all().await.unwrap();
    assert_eq!(all.len(), default_tree().len());
    let mut leaf = unit.directory_find(&path("api.bank.account")).await.unwrap().unwrap();
    assert_eq!((leaf.name.zh.as_str(), leaf.position), ("目录", 3));
    drop(unit);

    let mut unit = store.begin().await.unwrap();
    leaf.name = Localized::new("新", "new");
    unit.directory_update(&leaf).await.unwrap();
    unit.save().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    assert!(matches!(unit.directory_update(&leaf).await, Err(StoreError::Stale { .. })), "the same read twice");

    drop(unit);
    let mut unit = store.begin().await.unwrap();
    let orphan = node("api.nowhere.below", &entropy);
    assert!(matches!(unit.directory_add(&orphan).await, Err(StoreError::Missing { .. })));
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    assert!(matches!(unit.directory_remove(&path("api.bank")).await, Err(StoreError::Conflict { .. })));
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    unit.directory_remove(&path("api.bank.account")).await.unwrap();
    unit.save().await.unwrap();
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.directory_find(&path("api.bank.account")).await.unwrap(), None);
}

async fn providers_and_apis_round_trip_and_notice_stale_updates(store: &TestStore) {
    let entropy = SeededEntropy::new(2);
    let store = store.store();
    let provider = Provider {
        id: ProviderId::new(at(0), &entropy),
        slug: Slug::parse("core-bank").unwrap(),
        name: Localized::new("核心", "Core"),
        internal: true,
        contact: "core@bank.example".into(),
        managed_by: Some("folder".into()),
        created_at: at(0),
        generation: 1,
    };
    let mut mine = api("accounts", &entropy);
    let mut unit = store.begin().await.unwrap();
    for text in ["api", "api.bank", "api.bank.account", "api.bankx"] {
        unit.directory_add(&node(text, &entropy)).await.unwrap();
    }
    unit.provider_add(&provider).await.unwrap();
    mine.provider = Some(provider.id);
    mine.directory = Some(path("api.bank.account"));
    unit.api_add(&mine).await.unwrap();
    let mut other = api("other", &entropy);
    other.directory = Some(path("api.bankx"));
    unit.api_add(&other).await.unwrap();
    unit.save().await.unwrap();

    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.provider_find(provider.id).await.unwrap().as_ref(), Some(&provider));
    assert_eq!(unit.provider_by_slug(&provider.slug).await.unwrap().as_ref(), Some(&provider));
    assert_eq!(unit.provider_list(&PageRequest::default()).await.unwrap().items, std::slice::from_ref(&provider));
    assert_eq!(unit.api_find(mine.id).await.unwrap().as_ref(), Some(&mine));
    assert_eq!(unit.api_by_slug(&mine.slug).await.unwrap().as_ref(), Some(&mine));
    let list = async |unit: &mut dyn UnitOfWork, filter: ApiFilter| {
        let page = unit.api_list(&filter, &PageRequest::default()).await.unwrap();
        let mut slugs: Vec<_> = page.items.into_iter().map(|a| a.slug.to_string()).collect();
        slugs.sort();
        slugs
    };
    let within = |text: &str| ApiFilter { directory: Some(path(text)), ..ApiFilter::default() };
    assert_eq!(list(unit.as_mut(), ApiFilter::default()).await, ["accounts", "other"]);
    assert_eq!(list(unit.as_mut(), within("api.bank")).await, ["accounts"], "bankx is no child of bank");
    let by = ApiFilter { provider: Some(provider.id), ..ApiFilter::default() };
    assert_eq!(list(unit.as_mut(), by).await, ["accounts"]);
    let staged = ApiFilter { stage: Some(Stage::Draft), ..ApiFilter::default() };
    assert!(list(unit.as_mut(), staged).await.is_empty());
    drop(unit);

    let mut unit = store.begin().await.unwrap();
    mine.owner = "other team".into();
    assert_eq!(unit.api_update(&mine).await.unwrap(), 2);
    unit.save().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    assert!(matches!(unit.api_update(&mine).await, Err(StoreError::Stale { .. })));
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    assert!(
        matches!(unit.api_add(&api("accounts", &entropy)).await, Err(StoreError::Conflict { .. })),
        "slug is taken"
    );
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    assert!(matches!(unit.directory_remove(&path("api.bank.account")).await, Err(StoreError::Conflict { .. })));
}

async fn versions_keep_document_operations_and_state(store: &TestStore) {
    let entropy = SeededEntropy::new(3);
    let store = store.store();
    let mine = api("accounts", &entropy);
    let mut first = version(&mine, "1.0.0", &entropy);
    let operations = [operation("list", "GET", Some("Retrieve")), operation("POST /x", "POST", None)];
    let mut unit = store.begin().await.unwrap();
    unit.api_add(&mine).await.unwrap();
    unit.api_lock(mine.id).await.unwrap();
    put(unit.as_mut(), &first, &operations, "accounts").await;
    // The same bytes again, under another version.
    let mut second = version(&mine, "1.0.1", &entropy);
    second.document.sha256.clone_from(&first.document.sha256);
    put(unit.as_mut(), &second, &operations, "accounts").await;
    unit.save().await.unwrap();

    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.version_find(first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(unit.version_of_apis(&[mine.id]).await.unwrap().len(), 2);
    assert_eq!(unit.version_by_ids(&[second.id]).await.unwrap(), std::slice::from_ref(&second));
    assert_eq!(unit.api_by_ids(&[mine.id]).await.unwrap(), std::slice::from_ref(&mine));
    assert_eq!(unit.operation_of_version(first.id).await.unwrap(), operations);
    let text = unit.document_find(&first.document.sha256).await.unwrap().unwrap();
    assert_eq!(text, "\u{feff}openapi: 3.0.0\r\n# 字节\n", "byte for byte");
    assert!(unit.version_served().await.unwrap().is_empty());
    drop(unit);

    let step = |n| Step { who: OperatorId::new(at(n), &entropy), at: at(n), why: "原因".into() };
    let published = State::draft().submit(step(1)).unwrap().approve(step(2)).unwrap().publish(step(3)).unwrap();
    let before = first.clone();
    first.state = published.clone();
    second.state = State::draft().retire(step(4), None).unwrap();
    let mut unit = store.begin().await.unwrap();
    first.generation = unit.version_update(&first).await.unwrap();
    second.generation = unit.version_update(&second).await.unwrap();
    unit.save().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    assert!(matches!(unit.version_update(&before).await, Err(StoreError::Stale { .. })));

    drop(unit);
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.version_find(first.id).await.unwrap().unwrap().state, published);
    let served = unit.version_served().await.unwrap();
    assert_eq!(served.len(), 1, "what was put away before it was served is unknown to gateways");
    assert_eq!((served[0].id, served[0].stage, served[0].generation), (first.id, Stage::Published, 2));
    assert_eq!((served[0].base_path.as_str(), served[0].hosts.len()), ("/accounts/v1", 0));
    assert_eq!(scopes_of_apis(unit.as_mut(), &[mine.id]).await.unwrap(), ["a:read"]);
    drop(unit);
    first.state = published.retire(step(9), Some("/next".into())).unwrap();
    let mut unit = store.begin().await.unwrap();
    unit.version_update(&first).await.unwrap();
    unit.save().await.unwrap();
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.version_served().await.unwrap()[0].stage, Stage::Retired);
}

async fn operations_are_filtered_and_paged(store: &TestStore) {
    let entropy = SeededEntropy::new(4);
    let store = store.store();
    let mine = api("accounts", &entropy);
    let first = version(&mine, "1", &entropy);
    let operations: Vec<Operation> = (0..7)
        .map(|i| {
            let action = [None, Some("Retrieve"), Some("Update")][i % 3];
            operation(&format!("op{i}"), if i % 2 == 0 { "GET" } else { "POST" }, action)
        })
        .collect();
    let mut unit = store.begin().await.unwrap();
    unit.api_add(&mine).await.unwrap();
    put(unit.as_mut(), &first, &operations, "accounts").await;
    let grade = GradeRow { ordinal: 4, category: CategoryCode::new("free_fund_flow"), data_class: DataClass::C3 };
    unit.operation_grades(first.id, &[grade]).await.unwrap();
    unit.save().await.unwrap();

    let mut unit = store.read().await.unwrap();
    let all = OperationFilter::default;
    for (filter, want) in [
        (OperationFilter { method: Some("POST".into()), ..all() }, vec![1, 3, 5]),
        (OperationFilter { action: Some("Retrieve".into()), ..all() }, vec![1, 4]),
        (OperationFilter { behaviour_qualifier: Some("Interest".into()), ..all() }, vec![2, 5]),
        (
            OperationFilter { service_domain: Some("CurrentAccount".into()), method: Some("GET".into()), ..all() },
            vec![2, 4],
        ),
        (OperationFilter { category: Some(CategoryCode::new("free_fund_flow")), ..all() }, vec![4]),
        (OperationFilter { data_class: Some(DataClass::C3), ..all() }, vec![4]),
        (
            OperationFilter { api: Some(mine.id), version: Some(first.id), stage: Some(Stage::Draft), ..all() },
            (0..7).collect(),
        ),
        (OperationFilter { stage: Some(Stage::Published), ..all() }, vec![]),
    ] {
        let page = unit.operation_list(&filter, &PageRequest::default()).await.unwrap();
        assert_eq!(page.items.iter().map(|r| r.ordinal).collect::<Vec<_>>(), want, "{filter:?}");
    }
    let (mut seen, mut next) = (Vec::new(), None);
    loop {
        let page = unit.operation_list(&all(), &PageRequest::new(next, Some(3))).await.unwrap();
        seen.extend(page.items.iter().map(|r| r.ordinal));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..7).collect::<Vec<_>>());
}

async fn search_finds_across_versions_and_respects_stages(store: &TestStore) {
    let entropy = SeededEntropy::new(5);
    let store = store.store();
    let (accounts, loans) = (api("accounts", &entropy), api("loans", &entropy));
    let (first, mut second) = (version(&accounts, "1", &entropy), version(&loans, "1", &entropy));
    let mut unit = store.begin().await.unwrap();
    unit.api_add(&accounts).await.unwrap();
    unit.api_add(&loans).await.unwrap();
    put(unit.as_mut(), &first, &[operation("listBalances", "GET", None)], "Accounts 账户查询").await;
    put(unit.as_mut(), &second, &[operation("listLoans", "GET", None)], "Loans 贷款账户").await;
    unit.save().await.unwrap();

    let ask = async |text: &str, stages: &[Stage]| {
        let query = Query::parse(text).unwrap();
        let mut unit = store.read().await.unwrap();
        let entries = unit.search_entries(query.terms(), stages).await.unwrap();
        rank(&query, entries).into_iter().map(|found| found.version).collect::<Vec<_>>()
    };
    assert_eq!(ask("账户", &[]).await.len(), 2);
    assert_eq!(ask("账户查询", &[]).await, [first.id]);
    assert_eq!(ask("BALANCE", &[]).await, [first.id]);
    assert_eq!(ask("bal", &[]).await, [first.id], "a word half typed");
    assert_eq!(ask("loan", &[Stage::Draft]).await, [second.id]);
    assert!(ask("loan", &[Stage::Published]).await.is_empty());
    assert!(ask("100%_", &[]).await.is_empty(), "no wildcard gets through");

    let mut unit = store.begin().await.unwrap();
    unit.search_replace(second.id, &[]).await.unwrap();
    second.generation = unit.version_update(&second).await.unwrap();
    unit.save().await.unwrap();
    assert!(ask("loan", &[]).await.is_empty());
}

async fn identification_codes_belong_to_one_api(store: &TestStore) {
    let entropy = SeededEntropy::new(6);
    let store = store.store();
    let (mine, other) = (api("mine", &entropy), api("other", &entropy));
    let mut unit = store.begin().await.unwrap();
    unit.api_add(&mine).await.unwrap();
    unit.api_add(&other).await.unwrap();
    let serials = [unit.identification_serial().await.unwrap(), unit.identification_serial().await.unwrap()];
    assert_eq!(serials, [1, 2]);
    let code = CodeTable::default().generate(ApiLevel::A1, &path("api.bank.loan"), 1).unwrap();
    unit.identification_claim(&code, mine.id).await.unwrap();
    unit.identification_claim(&code, mine.id).await.unwrap();
    unit.save().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    assert!(matches!(unit.identification_claim(&code, other.id).await, Err(StoreError::Conflict { .. })));
}

async fn import_reports_are_listed_newest_first(store: &TestStore) {
    let entropy = SeededEntropy::new(7);
    let store = store.store();
    let record = |n: i64| ImportRecord {
        id: ImportId::new(at(n), &entropy),
        at: at(n),
        operator: OperatorId::new(at(0), &entropy),
        source: format!("{n}.yaml"),
        outcome: "refused".into(),
        version: None,
        report: "{}".into(),
    };
    let records = [record(1), record(2), record(3)];
    let mut unit = store.begin().await.unwrap();
    for record in &records {
        unit.import_add(record).await.unwrap();
    }
    unit.save().await.unwrap();
    let mut unit = store.read().await.unwrap();
    let page = unit.import_list(&PageRequest::new(None, Some(2))).await.unwrap();
    assert_eq!(page.items, [records[2].clone(), records[1].clone()]);
    let page = unit.import_list(&PageRequest::new(page.next, Some(2))).await.unwrap();
    assert_eq!((page.items, page.next), (vec![records[0].clone()], None));
    assert_eq!(unit.import_find(records[1].id).await.unwrap().unwrap().source, "2.yaml");
}

async fn an_unsaved_import_leaves_nothing(store: &TestStore) {
    let entropy = SeededEntropy::new(8);
    let store = store.store();
    let mine = api("accounts", &entropy);
    let first = version(&mine, "1", &entropy);
    let mut unit = store.begin().await.unwrap();
    unit.api_add(&mine).await.unwrap();
    put(unit.as_mut(), &first, &[operation("x", "GET", None)], "accounts").await;
    unit.identification_serial().await.unwrap();
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.api_find(mine.id).await.unwrap(), None);
    assert_eq!(unit.version_find(first.id).await.unwrap(), None);
    assert_eq!(unit.document_find(&first.document.sha256).await.unwrap(), None);
    assert!(unit.operation_of_version(first.id).await.unwrap().is_empty());
    assert_eq!(unit.identification_serial().await.unwrap(), 1);
}

async fn contracts_are_kept_by_document_and_read_by_digest(store: &TestStore) {
    let entropy = SeededEntropy::new(10);
    let store = store.store();
    let mine = api("accounts", &entropy);
    let first = version(&mine, "1", &entropy);
    let document = first.document.sha256.clone();
    let known = ContractKnown { document: document.clone(), digest: "d1".into(), faults: vec!["pay: 坏".into()] };
    let again = ContractKnown { digest: "d2".into(), faults: vec![], ..known.clone() };
    let mut unit = store.begin().await.unwrap();
    unit.api_add(&mine).await.unwrap();
    put(unit.as_mut(), &first, &[operation("x", "GET", None)], "accounts").await;
    unit.contract_keep(&ContractMade { known: &known, made: "1.1", content: "{\"字\":1}" }).await.unwrap();
    unit.save().await.unwrap();
    let asked = [document.clone(), "none".to_owned()];
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.contract_known("1.1", &asked).await.unwrap(), [known]);
    assert_eq!(unit.contract_known("1.2", &asked).await.unwrap(), []);
    assert_eq!(unit.contract_text("d1").await.unwrap().as_deref(), Some("{\"字\":1}"));
    assert_eq!(unit.contract_text("d2").await.unwrap(), None);
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    unit.contract_keep(&ContractMade { known: &again, made: "1.2", content: "{}" }).await.unwrap();
    unit.save().await.unwrap();
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.contract_known("1.2", &asked).await.unwrap(), [again]);
    assert_eq!(unit.contract_text("d1").await.unwrap(), None);
}

async fn many_operations_are_written_in_batches(store: &TestStore) {
    let entropy = SeededEntropy::new(9);
    let store = store.store();
    let mine = api("accounts", &entropy);
    let first = version(&mine, "1", &entropy);
    let operations: Vec<Operation> = (0..1_201).map(|i| operation(&format!("op{i}"), "GET", None)).collect();
    let mut unit = store.begin().await.unwrap();
    unit.api_add(&mine).await.unwrap();
    put(unit.as_mut(), &first, &operations, "accounts").await;
    unit.save().await.unwrap();
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.operation_of_version(first.id).await.unwrap(), operations);
}
