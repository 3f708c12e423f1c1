//! What the bank's documents say of each operation, ready to hold calls and answers against.

use jsonschema::Validator;
use pano_bank::DOCUMENTS;
use pano_spec::contract::{Contracts, Direction, compile};
use pano_spec::operation::is_json;
use pano_spec::{Document, Location};
use serde_json::Value;
use std::collections::BTreeMap;

/// An operation as documented.
pub(crate) struct Operation {
    pub(crate) method: http::Method,
    /// With its base path; variables in braces.
    pub(crate) path: String,
    /// Variables of the path.
    pub(crate) variables: Vec<String>,
    /// Parameters of the query and the schema of each.
    pub(crate) query: Vec<(String, Validator)>,
    pub(crate) keyed: bool,
    pub(crate) body: Option<Body>,
    /// Codes that it may refuse with, the gateway's own apart.
    pub(crate) codes: Vec<String>,
    answers: BTreeMap<String, Answered>,
}

/// What is sent.
pub(crate) struct Body {
    pub(crate) media: String,
    pub(crate) schema: Validator,
    /// The document's own example.
    pub(crate) example: Value,
}

/// What comes back with one status.
struct Answered {
    /// By media type; none where there is no content.
    content: BTreeMap<String, Validator>,
    /// By name: whether it must be there, and its schema.
    headers: BTreeMap<String, (bool, Validator)>,
}

/// All operations of the bank, by `operationId`.
pub(crate) fn operations() -> BTreeMap<String, Operation> {
    let mut found = BTreeMap::new();
    for ours in DOCUMENTS {
        let document = Document::read(ours.text.as_bytes()).unwrap();
        let mut contracts = Contracts::new(&document);
        for operation in document.operations() {
            let id = operation.operation_id().unwrap().to_owned();
            let made = read(&document, &mut contracts, &operation, &ours.base_path());
            assert!(found.insert(id.clone(), made).is_none(), "{id} is in two documents");
        }
    }
    found
}

fn read<'d>(
    document: &'d Document,
    contracts: &mut Contracts<'d>,
    operation: &pano_spec::Operation<'d>,
    base: &str,
) -> Operation {
    let key = operation.key();
    let contract = contracts.contract(operation);
    let body = operation.request_body().map(|body| {
        let [media] = &body.media[..] else { panic!("{key}: one media type, please") };
        let example = media.node.get("example").unwrap_or_else(|| panic!("{key}: its body has no example"));
        let (_, schema) = &contract.request.body.as_ref().unwrap().media[0];
        Body { media: media.media_type.to_owned(), schema: compile(schema).unwrap(), example: example.clone() }
    });
    let query = contract.request.parameters.iter().filter(|parameter| parameter.location == Location::Query);
    let mut answers = BTreeMap::new();
    for response in operation.responses() {
        let of_status = contract.responses.iter().filter(|content| content.status == response.status);
        let content = of_status.map(|c| (c.media_type.clone(), compile(&c.schema_json).unwrap()));
        let mut headers = BTreeMap::new();
        for (name, header) in response.node.get("headers").and_then(Value::as_object).into_iter().flatten() {
            let (header, at) = document.resolve(header, &format!("{}/headers/{name}", response.pointer)).unwrap();
            let schema = contracts.schema(Direction::Response, &header["schema"], &format!("{at}/schema"));
            let required = header["required"].as_bool().unwrap_or(false);
            headers.insert(name.to_ascii_lowercase(), (required, compile(&schema).unwrap()));
        }
        answers.insert(response.status.to_owned(), Answered { content: content.collect(), headers });
    }
    let texts = |value: &Value| value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect();
    Operation {
        method: operation.method.to_string().parse().unwrap(),
        path: format!("{base}{}", operation.path),
        variables: operation.path_variables().into_iter().map(str::to_owned).collect(),
        query: query.map(|p| (p.name.clone(), compile(&p.schema_json).unwrap())).collect(),
        keyed: operation.parameters().iter().any(|parameter| parameter.name == "Idempotency-Key"),
        body,
        codes: texts(&operation.node()["x-panorama-errors"]),
        answers,
    }
}

impl Operation {
    /// Why an answer is not one that the document describes. Only statuses that it names count, `default` does not.
    pub(crate) fn faults(&self, answer: &pano_http::client::Answer) -> Vec<String> {
        let Some(described) = self.answers.get(answer.status.as_str()) else {
            return vec![format!("the status {} is not documented", answer.status)];
        };
        let mut faults = Vec::new();
        for (name, (required, schema)) in &described.headers {
            match answer.headers.get(name).map(|value| value.to_str().unwrap()) {
                None if *required => faults.push(format!("no header {name}")),
                None => {}
                Some(value) => {
                    faults.extend(refusals(schema, &value.into()).map(|why| format!("header {name}: {why}")))
                }
            }
        }
        let media = answer.headers.get("content-type").map_or("", |value| value.to_str().unwrap());
        if described.content.is_empty() {
            faults.extend((!answer.body.is_empty()).then(|| "a body where none is documented".to_owned()));
            return faults;
        }
        let Some(schema) = described.content.get(media) else {
            faults.push(format!("the media type {media:?} is not documented"));
            return faults;
        };
        let text = String::from_utf8_lossy(&answer.body);
        match is_json(media).then(|| serde_json::from_str::<Value>(&text)) {
            None => faults.extend(refusals(schema, &text.as_ref().into())),
            Some(Ok(json)) => faults.extend(refusals(schema, &json)),
            Some(Err(error)) => faults.push(format!("the body is no JSON: {error}")),
        }
        faults
    }
}

/// What a schema says against a value.
pub(crate) fn refusals(schema: &Validator, value: &Value) -> impl Iterator<Item = String> {
    let all: Vec<_> = schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    all.into_iter()
}
