//! A document's operations as catalogue entries: named, graded, with scopes and BIAN terms; and what they are found by.

use crate::category::{CategoryCode, CategoryTable, Grade, Signs};
use crate::model::{Api, Bian, Operation};
use crate::name::Slug;
use crate::scope;
use crate::search::{Entry, Field, Index, WHOLE, words};
use pano_spec::{Document, Method};
use pano_types::{ApiLevel, DataClass, Localized};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

/// Longest operation name kept; a longer `operationId` gives way to `METHOD path`.
const NAME_MAX: usize = 200;
/// Longest summary kept, in characters.
const SUMMARY_MAX: usize = 300;
/// Schema members looked at per body, and how deep.
const MEMBERS_MAX: usize = 200;
const DEPTH_MAX: usize = 4;

/// What a document says, in the library's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// First paragraph of `info.description`.
    pub summary: String,
    /// `x-panorama-slug`, when the document names its own.
    pub slug: Option<Slug>,
    /// Operations in the document's order.
    pub operations: Vec<Operation>,
    /// Names of those whose category is a guess: neither the author nor a rule with words says it.
    pub ungraded: Vec<String>,
    /// Level that they ask for.
    pub level: ApiLevel,
}

/// Reads a document's operations for the API with this slug.
pub fn describe(document: &Document, slug: &Slug, table: &CategoryTable) -> Description {
    let bian = pano_spec::bian::recognise_all(document);
    let (mut names, mut ungraded) = (HashSet::new(), Vec::new());
    let operations: Vec<Operation> = document
        .operations()
        .iter()
        .zip(bian.into_iter().chain(std::iter::repeat(None)))
        .map(|(operation, bian)| {
            let (entry, graded) = entry(operation, bian, slug, table, &mut names);
            if !graded {
                ungraded.push(entry.name.clone());
            }
            entry
        })
        .collect();
    Description {
        title: document.title().trim().to_owned(),
        version: document.api_version().trim().to_owned(),
        summary: cut(document.description()),
        slug: own_slug(document),
        level: table.level(operations.iter().map(|o| &o.proposed)),
        operations,
        ungraded,
    }
}

/// The slug that a document gives itself with `x-panorama-slug`.
pub fn own_slug(document: &Document) -> Option<Slug> {
    document.root().get("x-panorama-slug").and_then(Value::as_str).and_then(|text| Slug::parse(text).ok())
}

/// The entry, and whether anything says its category.
fn entry(
    operation: &pano_spec::Operation<'_>,
    bian: Option<pano_spec::BianOperation>,
    slug: &Slug,
    table: &CategoryTable,
    names: &mut HashSet<String>,
) -> (Operation, bool) {
    let name = operation
        .operation_id()
        .map(str::trim)
        .filter(|id| !id.is_empty() && id.len() <= NAME_MAX && !id.contains(char::is_control) && !names.contains(*id));
    let name = name.map_or_else(|| operation.key(), str::to_owned);
    names.insert(name.clone());
    let method = operation.method.token();
    let signs = signs(operation, bian.as_ref());
    let fallback = || Grade { category: CategoryCode::new("business_support"), data_class: DataClass::C2 };
    let mut proposed = table.propose(&signs).unwrap_or_else(fallback);
    let graded = own_grade(operation, table, &mut proposed) || table.recognises(&signs);
    let entry = Operation {
        name,
        method: method.to_owned(),
        path: operation.path.to_owned(),
        summary: cut(if operation.summary().is_empty() { operation.description() } else { operation.summary() }),
        proposed,
        scopes: scope::required(slug, method, &alternatives(operation)),
        bian: own_bian(operation).or_else(|| {
            bian.map(|b| Bian {
                service_domain: b.service_domain,
                control_record: b.control_record,
                behaviour_qualifier: b.behaviour_qualifier,
                action: b.action.text().to_owned(),
            })
        }),
    };
    (entry, graded)
}

/// `x-panorama-category` and `x-panorama-data-class`: the document's author knows better than our words do. What the table does not
/// know is left aside. Whether it names a category.
fn own_grade(operation: &pano_spec::Operation<'_>, table: &CategoryTable, grade: &mut Grade) -> bool {
    let text = |name: &str| operation.node().get(name).and_then(Value::as_str);
    let category = text("x-panorama-category").map(CategoryCode::new).filter(|c| table.category(c).is_some());
    let named = category.is_some();
    if let Some(category) = category {
        grade.category = category;
    }
    let class = text("x-panorama-data-class");
    if let Some(class) = [DataClass::C1, DataClass::C2, DataClass::C3].into_iter().find(|c| Some(c.code()) == class) {
        grade.data_class = class;
    }
    named
}

/// `x-bian`, for documents in BIAN's terms whose paths have another shape.
fn own_bian(operation: &pano_spec::Operation<'_>) -> Option<Bian> {
    let own = operation.node().get("x-bian")?;
    let text = |name: &str| own.get(name).and_then(Value::as_str).map(str::to_owned);
    let action = text("action").filter(|a| pano_spec::Action::from_text(a).is_some())?;
    let service_domain = text("service-domain")?;
    let control_record = text("control-record").unwrap_or_else(|| service_domain.clone());
    Some(Bian { service_domain, control_record, behaviour_qualifier: text("behaviour-qualifier"), action })
}

/// First paragraph, bounded.
fn cut(text: &str) -> String {
    let paragraph = text.trim().split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SUMMARY_MAX { line } else { line.chars().take(SUMMARY_MAX - 1).chain(['…']).collect() }
}

fn signs(operation: &pano_spec::Operation<'_>, bian: Option<&pano_spec::BianOperation>) -> Signs {
    let reads =
        bian.map_or(matches!(operation.method, Method::Get | Method::Head | Method::Options), |b| b.action.reads());
    let mut found = BTreeSet::new();
    for text in [operation.path, operation.operation_id().unwrap_or_default(), operation.summary()] {
        found.extend(words(text));
    }
    operation.tags().iter().for_each(|tag| found.extend(words(tag)));
    let mut schema_words = BTreeSet::new();
    let bodies = operation.request_body().map(|b| b.media).into_iter().flatten();
    let answers = operation.responses().into_iter().filter(|r| r.status.starts_with('2')).flat_map(|r| r.media);
    for media in bodies.chain(answers) {
        if let Some(schema) = media.schema {
            let mut left = MEMBERS_MAX;
            members(operation.document(), schema, DEPTH_MAX, &mut left, &mut schema_words);
        }
    }
    Signs { writes: !reads, words: found, schema_words }
}

/// Words of the member names of a schema, a few levels deep.
fn members(document: &Document, schema: &Value, depth: usize, left: &mut usize, out: &mut BTreeSet<String>) {
    if depth == 0 || *left == 0 {
        return;
    }
    let Some((schema, _)) = document.resolve(schema, "") else { return };
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if *left == 0 {
            return;
        }
        *left -= 1;
        out.extend(words(name));
        members(document, member, depth - 1, left, out);
    }
    if let Some(items) = schema.get("items") {
        members(document, items, depth - 1, left, out);
    }
    for part in ["allOf", "oneOf", "anyOf"] {
        for member in schema.get(part).and_then(Value::as_array).into_iter().flatten() {
            members(document, member, depth - 1, left, out);
        }
    }
}

/// OAuth 2 and OpenID Connect scopes of each alternative of the security requirement.
fn alternatives(operation: &pano_spec::Operation<'_>) -> Vec<scope::Alternative> {
    let schemes = operation.document().root().get("components").and_then(|c| c.get("securitySchemes"));
    let has_scopes = |name: &str| {
        let kind = schemes.and_then(|s| s.get(name)).and_then(|s| s.get("type")).and_then(Value::as_str);
        matches!(kind, Some("oauth2" | "openIdConnect"))
    };
    let scopes = |alternative: pano_spec::operation::SecurityAlternative<'_>| {
        let scoped = alternative.into_iter().filter(|(name, _)| has_scopes(name));
        scoped.flat_map(|(_, scopes)| scopes.into_iter().map(str::to_owned)).collect()
    };
    operation.security().unwrap_or_default().into_iter().map(scopes).collect()
}

/// What a version is found by: the API's own texts, its operations, and names around it.
pub fn index(api: &Api, around: &[&Localized], description: &str, operations: &[Operation]) -> Vec<Entry> {
    let mut index = Index::default();
    for (field, text) in [
        (Field::Name, api.slug.as_str()),
        (Field::Name, &api.name.zh),
        (Field::Name, &api.name.en),
        (Field::Summary, &api.summary.zh),
        (Field::Summary, &api.summary.en),
        (Field::Rest, &api.owner),
        (Field::Rest, description),
    ] {
        index.add(WHOLE, field, text);
    }
    for name in around {
        index.add(WHOLE, Field::Rest, &name.zh);
        index.add(WHOLE, Field::Rest, &name.en);
    }
    for (place, operation) in operations.iter().enumerate() {
        let place = i32::try_from(place).unwrap_or(i32::MAX);
        index.add(place, Field::Operation, &operation.name);
        index.add(place, Field::Path, &operation.path);
        index.add(place, Field::Summary, &operation.summary);
        if let Some(bian) = &operation.bian {
            index.add(place, Field::Operation, &format!("{} {}", bian.control_record, bian.action));
            index.add(place, Field::Operation, bian.behaviour_qualifier.as_deref().unwrap_or_default());
            index.add(WHOLE, Field::Name, &bian.service_domain);
        }
    }
    index.entries()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"
openapi: 3.0.3
info: { title: Sandbox accounts, version: 1.2.0, description: "Accounts of the sandbox.\n\nMore text." }
security: [ { oauth: [accounts] } ]
paths:
  /accounts:
    get:
      operationId: list
      summary: List accounts
      x-panorama-category: public_information
      x-panorama-data-class: C1
      x-bian: { service-domain: CurrentAccount, action: Retrieve }
      responses: { '200': { description: ok } }
    post:
      operationId: list
      description: Opens one
      responses: { '200': { description: ok } }
  /accounts/{id}/payments:
    post:
      operationId: pay
      security: [ { key: [], oauth: [openid, payments] }, { oauth: [other] } ]
      parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Payment' } } } }
      responses: { '200': { description: ok } }
  /CurrentAccount/{currentaccountid}/Interest/Retrieve:
    get:
      tags: [BQ - Interest, CR - CurrentAccountFacility]
      parameters: [ { name: currentaccountid, in: path, required: true, schema: { type: string } } ]
      responses: { '200': { description: ok } }
components:
  schemas:
    Payment: { type: object, properties: { amount: { type: string }, next: { $ref: '#/components/schemas/Payment' }, proof: { type: object, properties: { cardPin: { type: string } } } } }
  securitySchemes:
    key: { type: apiKey, name: k, in: header }
    oauth: { type: oauth2, flows: { clientCredentials: { tokenUrl: 'https://x/y', scopes: { accounts: a, payments: b, other: c } } } }
"#;

    #[test]
    fn a_document_becomes_catalogue_entries() {
        let document = Document::read(DOCUMENT.as_bytes()).unwrap();
        let slug = Slug::parse("sandbox").unwrap();
        let got = describe(&document, &slug, &CategoryTable::default());
        assert_eq!((got.title.as_str(), got.version.as_str()), ("Sandbox accounts", "1.2.0"));
        assert_eq!((got.summary.as_str(), got.level), ("Accounts of the sandbox.", ApiLevel::A2));
        let seen: Vec<_> = got
            .operations
            .iter()
            .map(|o| (o.name.as_str(), o.scopes.join(" "), o.proposed.category.as_str(), o.proposed.data_class.code()))
            .collect();
        assert_eq!(
            seen,
            [
                ("list", "accounts".into(), "public_information", "C1"),
                ("POST /accounts", "accounts".into(), "information_maintenance", "C2"),
                ("pay", "payments".into(), "free_fund_flow", "C3"),
                ("GET /CurrentAccount/{currentaccountid}/Interest/Retrieve", "accounts".into(), "account_query", "C2"),
            ]
        );
        assert_eq!(got.ungraded, [""; 0], "each is told by its author or by words");
        let unknown =
            DOCUMENT.replace("      x-panorama-category: public_information\n", "").replace("accounts", "widgets");
        let document = Document::read(unknown.as_bytes()).unwrap();
        let unknown = describe(&document, &slug, &CategoryTable::default()).ungraded;
        assert!(unknown.contains(&"list".to_owned()) && !unknown.contains(&"pay".to_owned()), "{unknown:?}");
        let bian = got.operations[3].bian.as_ref().unwrap();
        assert_eq!((bian.service_domain.as_str(), bian.action.as_str()), ("CurrentAccount", "Retrieve"));
        assert_eq!(bian.behaviour_qualifier.as_deref(), Some("Interest"));
        assert_eq!(got.operations[0].bian.as_ref().unwrap().control_record, "CurrentAccount");
        assert_eq!(got.operations[1].summary, "Opens one");
    }
}
