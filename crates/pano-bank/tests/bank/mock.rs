//! The mock of published APIs.

use crate::support::{Bank, Caller, GATEWAY};
use http::Method;
use pano_catalog::lifecycle::{State, Step};
use pano_catalog::model::DocumentFacts;
use pano_catalog::{Api, BasePath, Settings, Slug, Version};
use pano_crypto::digest::sha256_hex;
use pano_spec::Document;
use pano_spec::contract::{Contracts, compile};
use pano_store::Store;
use pano_store::catalog::NewVersion;
use pano_testkit::TestStore;
use pano_types::clock::SeededEntropy;
use pano_types::id::{ApiId, ApiVersionId, OperatorId};
use pano_types::{ApiLevel, Instant, Localized};
use serde_json::json;

const AT: Instant = Instant::from_unix_micros(1_770_000_000_000_000);

/// Puts a document into the library as a version in this state.
async fn put(store: &dyn Store, slug: &str, content: &str, state: State) -> ApiVersionId {
    let entropy = SeededEntropy::new(slug.bytes().fold(7, |seed, byte| (seed * 31 + u64::from(byte)) % 1_000_003));
    let slug = Slug::parse(slug).unwrap();
    let api = Api {
        id: ApiId::new(AT, &entropy),
        slug: slug.clone(),
        name: Localized::new("接口", "API"),
        summary: Localized::default(),
        owner: "team".into(),
        provider: None,
        directory: None,
        managed_by: None,
        created_at: AT,
        generation: 1,
    };
    let version = Version {
        id: ApiVersionId::new(AT, &entropy),
        api: api.id,
        version: "1.0.0".into(),
        state,
        base_path: BasePath::of(&slug, "1.0.0"),
        settings: Settings::default(),
        document: DocumentFacts {
            sha256: sha256_hex(content.as_bytes()),
            bytes: u64::try_from(content.len()).unwrap(),
            media_type: "application/yaml".into(),
            source: "test.yaml".into(),
            operations: 1,
            lint_errors: vec![],
            lint_warnings: 0,
            ungraded: vec![],
            changes: None,
        },
        proposed_level: ApiLevel::A2,
        created_by: OperatorId::new(AT, &entropy),
        created_at: AT,
        generation: 1,
    };
    let mut unit = store.begin().await.unwrap();
    unit.api_add(&api).await.unwrap();
    unit.version_add(NewVersion { version: &version, operations: &[], content, entries: &[] }).await.unwrap();
    unit.save().await.unwrap();
    version.id
}

fn published() -> State {
    let step = |n: u64| Step { who: OperatorId::new(AT, &SeededEntropy::new(n)), at: AT, why: String::new() };
    State::Published { submitted: step(1), approved: step(2), published: step(1) }
}

const CONTRACT: &str = r"
openapi: 3.1.0
info: {title: Cars, version: 1.0.0}
paths:
  /cars/{carId}:
    get:
      responses:
        '200':
          description: a car
          content:
            application/json:
              schema:
                type: object
                required: [carId, seats]
                properties:
                  carId: {type: string}
                  seats: {type: integer, minimum: 2, maximum: 9}
        '404':
          description: none
          content:
            application/json:
              schema: {type: object, required: [why], properties: {why: {type: string, enum: [gone]}}}
  /cars/mine:
    get:
      responses:
        '200': {description: mine, content: {application/json: {schema: {const: mine}}}}
";

#[tokio::test]
async fn a_published_api_without_a_backend_answers() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let version = put(&*store.store(), "cars", CONTRACT, published()).await;
    let draft = put(&*store.store(), "drafts", CONTRACT.trim(), State::draft()).await;
    let caller = bank.caller();
    let one = caller.get(&format!("/mock/{version}/cars/A%2D7")).await;
    assert_eq!((one.status, &one.json["carId"]), (200, &"A-7".into()), "path variables are echoed: {one:?}");
    assert!((2..=9).contains(&one.json["seats"].as_i64().unwrap()));
    assert_eq!(
        caller.get(&format!("/mock/{version}/cars/A%2D7")).await.json,
        one.json,
        "the same request, the same answer"
    );
    assert_eq!(caller.get(&format!("/mock/{version}/cars/mine")).await.json, "mine", "the more concrete path");

    let path = format!("/mock/{version}/cars/7");
    let gone = caller.send(Method::GET, &path, &[("prefer", "code=404")], None).await.unwrap();
    assert_eq!((gone.status, &gone.json["why"]), (404, &"gone".into()));
    for (path, prefer, status, code) in [
        (path.clone(), "code=409", 400, "mock.response_unknown"),
        (path.clone(), "code=x", 400, "mock.response_unknown"),
        (format!("/mock/{version}/boats"), "a", 404, "mock.operation_unknown"),
        (format!("/mock/{version}/cars/1/2"), "a", 404, "mock.operation_unknown"),
        (format!("/mock/{draft}/cars/1"), "a", 404, "mock.version_unknown"),
        ("/mock/ver_01KAV3M2N4ZQ8W5T7R9X1Y3C5D/cars/1".to_owned(), "a", 404, "mock.version_unknown"),
        ("/mock/x/cars/1".to_owned(), "a", 404, "mock.version_unknown"),
    ] {
        let answer = caller.send(Method::GET, &path, &[("prefer", prefer)], None).await.unwrap();
        assert_eq!((answer.status, answer.code()), (status, code), "{path} {prefer}");
    }
    let put = caller.send(Method::PUT, &path, &[], None).await.unwrap();
    assert_eq!(put.code(), "mock.operation_unknown");
    let stranger = Caller::new(&bank.handle.url(), "wrong", "app");
    assert_eq!(stranger.get(&path).await.code(), "bank.caller_unknown");
    bank.handle.stop().await;
}

/// The bank's own documents, mocked: every operation answers as it is described, from its example.
#[tokio::test]
async fn our_own_documents_can_be_mocked() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    for ours in pano_bank::DOCUMENTS {
        let version = put(&*store.store(), ours.slug, ours.text, published()).await;
        let document = Document::read(ours.text.as_bytes()).unwrap();
        let mut contracts = Contracts::new(&document);
        for operation in document.operations() {
            let path = operation
                .path_variables()
                .iter()
                .fold(operation.path.to_owned(), |path, name| path.replace(&format!("{{{name}}}"), "1"));
            let method = Method::from_bytes(operation.method.to_string().as_bytes()).unwrap();
            let answer = caller.send(method, &format!("/mock/{version}{path}"), &[], None).await.unwrap();
            let responses = contracts.contract(&operation).responses;
            assert!(answer.status < 300, "{}: {answer:?}", operation.key());
            match responses.iter().find(|r| r.status == answer.status.to_string()) {
                Some(response) => {
                    let schema = compile(&response.schema_json).unwrap();
                    assert!(schema.is_valid(&answer.json), "{}: {answer:?}", operation.key());
                }
                // A response without JSON.
                None => assert_eq!(answer.json, serde_json::Value::Null, "{}", operation.key()),
            }
        }
    }
    bank.handle.stop().await;
}

const MEMORY: &str = r"
openapi: 3.1.0
info: {title: Cars, version: 1.0.0}
paths:
  /cars:
    post:
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Car'}}}}}
  /cars/{carId}:
    get:
      responses:
        '200': {description: a car, content: {application/json: {schema: {$ref: '#/components/schemas/Car'}}}}
        '404': {description: none, content: {application/json: {schema: {const: none}}}}
    patch:
      responses: {'200': {description: a car, content: {application/json: {schema: {$ref: '#/components/schemas/Car'}}}}}
    delete:
      responses: {'204': {description: gone}}
  /CarRental/Initiate:
    post:
      responses: {'200': {description: begun, content: {application/json: {schema: {$ref: '#/components/schemas/Rental'}}}}}
  /CarRental/{carrentalid}/Retrieve:
    get:
      responses: {'200': {description: a rental, content: {application/json: {schema: {$ref: '#/components/schemas/Rental'}}}}}
  /CarRental/{carrentalid}/Update:
    put:
      responses: {'200': {description: a rental, content: {application/json: {schema: {$ref: '#/components/schemas/Rental'}}}}}
components:
  schemas:
    Car:
      type: object
      required: [carId, seats]
      additionalProperties: false
      properties:
        carId: {type: string}
        seats: {type: integer, minimum: 2, maximum: 9}
        colour: {type: string}
    Rental:
      type: object
      properties:
        RentalStatus: {type: string}
        DriverName: {type: string}
";

#[tokio::test]
async fn what_is_made_through_a_mock_is_there_to_be_read() {
    let store = TestStore::sqlite().await.unwrap();
    let bank = Bank::start(store.store()).await;
    let version = put(&*store.store(), "memory", MEMORY, published()).await;
    let (caller, other) = (bank.caller(), Caller::new(&bank.handle.url(), GATEWAY, "app_two"));
    let at = |path: &str| format!("/mock/{version}{path}");
    let send = async |method: Method, path: &str, body: serde_json::Value| {
        caller.send(method, &at(path), &[], Some(&body)).await.unwrap()
    };
    let made = send(Method::POST, "/cars", json!({ "seats": 5, "colour": "red" })).await;
    let (place, id) = (made.headers["location"].to_str().unwrap().to_owned(), made.json["carId"].as_str().unwrap());
    assert_eq!((made.status, place.as_str()), (201, format!("/cars/{id}").as_str()), "{made:?}");
    let another = send(Method::POST, "/cars", json!({ "seats": 5, "colour": "red" })).await;
    assert_ne!(another.json["carId"], made.json["carId"], "two things have two names");
    let want = json!({ "carId": id, "seats": 5, "colour": "red" });
    assert_eq!(caller.get(&at(&place)).await.json, want);
    assert_ne!(other.get(&at(&place)).await.json, want, "another app made nothing");
    let changed = send(Method::PATCH, &place, json!({ "colour": "blue" })).await;
    assert_eq!((changed.status, &changed.json["colour"], &changed.json["seats"]), (200, &json!("blue"), &json!(5)));
    assert_eq!(caller.get(&at(&place)).await.json, changed.json);
    // What does not meet the contract is remembered only as far as it does.
    send(Method::PATCH, &place, json!({ "seats": 99 })).await;
    let read = caller.get(&at(&place)).await;
    assert!((2..=9).contains(&read.json["seats"].as_i64().unwrap()), "{read:?}");
    assert_eq!(caller.send(Method::DELETE, &at(&place), &[], None).await.unwrap().status, 204);
    assert_eq!(caller.get(&at(&place)).await.status, 404);

    let begun = send(Method::POST, "/CarRental/Initiate", json!({ "DriverName": "Lin" })).await;
    let read = begun.headers["location"].to_str().unwrap().to_owned();
    assert!(read.starts_with("/CarRental/") && read.ends_with("/Retrieve"), "{read}");
    assert_eq!(caller.get(&at(&read)).await.json["DriverName"], "Lin");
    send(Method::PUT, &read.replace("Retrieve", "Update"), json!({ "RentalStatus": "over" })).await;
    let rental = caller.get(&at(&read)).await.json;
    assert_eq!((&rental["DriverName"], &rental["RentalStatus"]), (&json!("Lin"), &json!("over")));

    // It outlives the process, and is bounded.
    bank.handle.stop().await;
    let bank = Bank::start(store.store()).await;
    let caller = bank.caller();
    assert_eq!(caller.get(&at(&read)).await.json, rental);
    for seats in 0..500 {
        let body = json!({ "seats": 2 + seats % 8 });
        caller.send(Method::POST, &at("/cars"), &[], Some(&body)).await.unwrap();
    }
    assert_ne!(caller.get(&at(&read)).await.json, rental, "the oldest has left");
    bank.handle.stop().await;
}
