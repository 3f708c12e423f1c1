use super::compile as compile_one;
use super::*;
use pano_catalog::describe::describe;
use pano_catalog::lifecycle::Step;
use pano_catalog::model::DocumentFacts;
use pano_catalog::settings::OperationSettings;
use pano_catalog::{BasePath, CategoryTable};
use pano_types::clock::SeededEntropy;
use pano_types::id::{ApiId, ApiVersionId, OperatorId};
use pano_types::{ApiLevel, DataClass, Instant};

const DOCUMENT: &str = r#"
openapi: 3.0.3
info: { title: Pay, version: 2.1.0 }
paths:
  /payments:
    post:
      operationId: pay
      parameters: [ { name: X-Tenant, in: header, schema: { type: string, maxLength: 5 } } ]
      requestBody:
        required: true
        content:
          application/json: { schema: { type: object, required: [amount], properties: { amount: { $ref: '#/components/schemas/Amount' } } } }
          text/plain: { schema: { type: string } }
      responses: { '200': { description: ok } }
  /rates:
    get:
      operationId: rates
      responses: { '200': { description: ok } }
components: { schemas: { Amount: { type: string, pattern: '^[0-9]+$' } } }
"#;

fn step(n: u64) -> Step {
    let who = OperatorId::new(Instant::default(), &SeededEntropy::new(n));
    Step { who, at: Instant::from_unix_seconds(9), why: String::new() }
}

fn published() -> State {
    State::draft().submit(step(1)).unwrap().approve(step(2)).unwrap().publish(step(1)).unwrap()
}

fn world(state: State, settings: Settings) -> (Slug, Version, Vec<Operation>, Document) {
    let (entropy, now, table) = (SeededEntropy::new(3), Instant::from_unix_seconds(5), CategoryTable::default());
    let slug = Slug::parse("pay").unwrap();
    let document = Document::read(DOCUMENT.as_bytes()).unwrap();
    let described = describe(&document, &slug, &table);
    let facts = DocumentFacts {
        sha256: String::new(),
        bytes: 1,
        media_type: "application/yaml".into(),
        source: String::new(),
        operations: 2,
        lint_errors: vec![],
        lint_warnings: 0,
        ungraded: vec![],
        changes: None,
    };
    let mut version = Version {
        id: ApiVersionId::new(now, &entropy),
        api: ApiId::new(now, &entropy),
        version: described.version,
        state,
        base_path: BasePath::parse("").unwrap(),
        settings: Settings::default(),
        document: facts,
        proposed_level: ApiLevel::A1,
        created_by: step(1).who,
        created_at: now,
        generation: 1,
    };
    version.set(settings, &slug, &described.operations, &table);
    (slug, version, described.operations, document)
}

fn mock() -> Settings {
    Settings { backend: Some(Backend::Mock), ..Settings::default() }
}

#[test]
fn a_published_version_becomes_routes_contracts_and_the_mocks_address() {
    let (slug, version, operations, document) = world(published(), mock());
    let made = contract(&operations, &document).unwrap();
    let unit = compile(&slug, &version, &operations, Some("digest"), &Options::default()).unwrap();
    assert_eq!(
        (unit.base_path.as_str(), unit.level, unit.state.clone()),
        ("/pay/v2", ApiLevel::A2, ServingState::Published)
    );
    assert_eq!(unit.upstream.targets, [format!("http://127.0.0.1:7003/mock/{}", version.id)]);
    assert_eq!(unit.upstream.credential.as_deref(), Some("bank"));
    let pay = &unit.operations[0];
    assert_eq!((pay.name.as_str(), pay.method.as_str(), pay.path.as_str()), ("pay", "POST", "/payments"));
    assert_eq!(pay.access, Access::App { scopes: vec!["pay:write".into()] });
    assert_eq!((pay.data_class, pay.contract, pay.max_body_bytes), (DataClass::C2, Some(0), BODY_MAX));
    assert_eq!(unit.contract.as_deref(), Some("digest"));
    let of = &made.operations[0];
    assert_eq!(of.parameters[0].location, "header");
    let media = &of.body.as_ref().unwrap().media;
    assert_eq!((media.len(), &media[1]), (2, &("text/plain".into(), None)));
    let amount = made.schema(media[0].1.unwrap()).unwrap();
    assert_eq!(amount["properties"]["amount"]["$ref"], "#/$defs/Amount");
    assert_eq!(amount["$defs"]["Amount"]["type"], "string");
    assert_eq!(faults(&made, &operations), [""; 0]);
    let other = Document::read(DOCUMENT.replace("/rates", "/other").as_bytes()).unwrap();
    assert_eq!(contract(&operations, &other).err(), Some(CompileError::NoOperation("rates".into())));
}

#[test]
fn parameters_in_json_and_plain_forms_are_checked_and_others_pass() {
    let text = "openapi: 3.0.3\ninfo: { title: Forms, version: 1.0.0 }\npaths:\n  /a:\n    post:\n      operationId: a\n\
        \x20     parameters:\n\
        \x20       - { name: j, in: query, content: { application/json: { schema: { type: integer } } } }\n\
        \x20       - { name: x, in: query, content: { application/xml: { schema: { type: integer } } } }\n\
        \x20     requestBody:\n        content:\n\
        \x20         application/x-www-form-urlencoded: { schema: { type: object, required: [b] } }\n\
        \x20         multipart/form-data: { schema: { type: object } }\n      responses: { '200': { description: ok } }\n\
        \x20 /b:\n    post:\n      operationId: b\n      requestBody:\n        content:\n\
        \x20         application/x-www-form-urlencoded: { schema: { type: object }, encoding: { c: { style: deepObject } } }\n\
        \x20     responses: { '200': { description: ok } }\n";
    let document = Document::read(text.as_bytes()).unwrap();
    let slug = Slug::parse("forms").unwrap();
    let operations = describe(&document, &slug, &CategoryTable::default()).operations;
    let made = contract(&operations, &document).unwrap();
    let [a, b] = made.operations.as_slice() else { panic!("{made:?}") };
    let schema = |place: u32| made.schema(place).unwrap();
    let of: Vec<_> = a.parameters.iter().map(|p| (p.style.as_str(), schema(p.schema))).collect();
    assert_eq!(of, [("json", serde_json::json!({ "type": "integer" })), ("form", serde_json::json!(true))]);
    let media = &a.body.as_ref().unwrap().media;
    assert_eq!(schema(media[0].1.unwrap())["required"], serde_json::json!(["b"]));
    assert_eq!(media[1].1, None, "parts are not checked");
    assert_eq!(b.body.as_ref().unwrap().media[0].1, None, "an encoding of its own is not checked");
}

/// What was made and kept of a document is used as long as this revision stands: whoever changes what is made, changes it too.
#[test]
fn the_same_revision_makes_the_same_contract() {
    let (.., operations, document) = world(published(), mock());
    let digest = pano_snapshot::contract::digest(contract(&operations, &document).unwrap().text().as_bytes());
    assert_eq!(
        (made().as_str(), digest.as_str()),
        ("2.2", "7d26740bfd00160e20a1ee63f6292aba0725dc22588266b4a6ad512243af60d6"),
        "a new revision of pano_spec::contract is due"
    );
}

#[test]
fn settings_reach_the_operations_they_name() {
    let mut settings = mock();
    settings.validate = false;
    settings.max_body_bytes = Some(10);
    settings.rate = Some(Rate { requests: 1, per_seconds: 1, burst: 1 });
    let own = OperationSettings {
        public: true,
        validate: Some(true),
        deadline_ms: Some(70),
        max_body_bytes: Some(20),
        rate: Some(Rate { requests: 2, per_seconds: 1, burst: 1 }),
        ..OperationSettings::default()
    };
    settings.operations.insert("rates".into(), own);
    let (slug, version, operations, _) = world(published(), settings);
    let unit = compile(&slug, &version, &operations, Some("digest"), &Options::default()).unwrap();
    let [pay, rates] = unit.operations.as_slice() else { panic!() };
    assert_eq!((pay.contract, pay.max_body_bytes, pay.rate.unwrap().requests, pay.deadline_ms), (None, 10, 1, None));
    assert_eq!(
        (rates.contract, rates.max_body_bytes, rates.rate.unwrap().requests, rates.deadline_ms),
        (Some(1), 20, 2, Some(70))
    );
    assert_eq!(rates.access, Access::Public);
}

#[test]
fn what_is_not_served_does_not_compile_and_retired_versions_keep_only_their_place() {
    let (slug, version, operations, _) = world(State::draft(), mock());
    let compile = |version: &Version, contract| compile_one(&slug, version, &operations, contract, &Options::default());
    assert_eq!(compile(&version, Some("digest")), Err(CompileError::NotServed));
    let put_away = Version { state: State::draft().retire(step(1), None).unwrap(), ..version.clone() };
    assert_eq!(compile(&put_away, None), Err(CompileError::NotServed));
    let no_backend = Version { state: published(), settings: Settings::default(), ..version.clone() };
    assert_eq!(compile(&no_backend, Some("digest")), Err(CompileError::NoBackend));
    let why = Step { why: "old".into(), ..step(1) };
    let retired = Version { state: published().retire(why, Some("/next".into())).unwrap(), ..version.clone() };
    let unit = compile(&retired, None).unwrap();
    assert_eq!((unit.state, unit.operations.len()), (ServingState::Retired { link: Some("/next".into()) }, 0));
}
