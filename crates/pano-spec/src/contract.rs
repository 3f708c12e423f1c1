//! What the gateway checks: per operation, self-contained JSON Schemas (2020-12) for bodies and parameters.
//!
//! OpenAPI 3.0's own dialect is translated, annotations are left out, and each schema carries only what it reaches, under `$defs`.
//! Requests and responses differ: a required `readOnly` member need not be sent, a required `writeOnly` member need not come back.
//!
//! Invariant: every schema given out here compiles with [`compile`], whose patterns run in linear time. What cannot be enforced so is
//! left out and named in [`Contract::findings`].

mod convert;

use crate::code::SpecCode;
use crate::operation::{Location, Operation, is_form, is_json};
use crate::pointer;
use crate::read::Document;
use crate::report::Finding;
use convert::Converter;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a request must look like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RequestContract {
    /// The body; none when the operation describes none.
    pub body: Option<BodyContract>,
    /// Parameters of path, query, headers and cookies.
    pub parameters: Vec<ParameterContract>,
}

/// What a request's body must look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyContract {
    /// Must there be one?
    pub required: bool,
    /// Media type (may be a range such as `application/*`) and JSON Schema text. For a media type that is not JSON the schema describes
    /// the decoded form.
    pub media: Vec<(String, String)>,
}

/// What one parameter must look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterContract {
    /// As on the wire; header names in the document's case.
    pub name: String,
    /// Where it travels.
    pub location: Location,
    /// Must it be there?
    pub required: bool,
    /// `simple`, `form`, `label`, `matrix`, `spaceDelimited`, `pipeDelimited`, `deepObject`.
    pub style: String,
    /// Each item or member in a parameter of its own.
    pub explode: bool,
    /// The media type its value is written in, when it has `content` instead of a style.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// JSON Schema text of the value after decoding.
    pub schema_json: String,
}

/// What one response's body must look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseContract {
    /// `200`, `4XX` or `default`.
    pub status: String,
    /// Media type.
    pub media_type: String,
    /// JSON Schema text.
    pub schema_json: String,
}

/// All that can be checked about one operation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contract {
    /// The request.
    pub request: RequestContract,
    /// The responses that have bodies, in the order of the document.
    pub responses: Vec<ResponseContract>,
    /// What could not be translated, once each.
    pub findings: Vec<Finding>,
}

/// What the requests of a whole document must look like, each shared schema once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestContracts {
    /// Names and schema texts that the operations' schemas refer to as `#/$defs/NAME`.
    pub definitions: Vec<(String, String)>,
    /// Operations in the order of the document. Their schemas are no use without the definitions.
    pub operations: Vec<RequestContract>,
}

/// Grows whenever [`requests`] makes something else of the same document, so that what was made and kept is made again.
pub const REVISION: u32 = 2;

/// The request contracts of every operation of a document.
pub fn requests(document: &Document) -> RequestContracts {
    let request = Converter::new(document, Direction::Request, false).apart();
    let mut contracts = Contracts { request, response: Converter::new(document, Direction::Response, false) };
    let operations = document.operations().iter().map(|operation| contracts.request(operation)).collect();
    RequestContracts { operations, definitions: contracts.request.definitions() }
}

/// Makes contracts of one document, translating each shared schema once.
pub struct Contracts<'d> {
    request: Converter<'d>,
    response: Converter<'d>,
}

/// Which way a schema's values travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the partner.
    Request,
    /// To the partner.
    Response,
}

impl<'d> Contracts<'d> {
    /// For one document.
    pub fn new(document: &'d Document) -> Self {
        Self::make(document, false)
    }

    /// Schemas keep their examples and defaults: for whoever makes values, not for the gateway.
    pub(crate) fn with_examples(document: &'d Document) -> Self {
        Self::make(document, true)
    }

    fn make(document: &'d Document, examples: bool) -> Self {
        Self {
            request: Converter::new(document, Direction::Request, examples),
            response: Converter::new(document, Direction::Response, examples),
        }
    }

    /// The contract of one operation of the document.
    pub fn contract(&mut self, operation: &Operation<'d>) -> Contract {
        let request = self.request(operation);
        let responses = self.responses(operation);
        let mut findings = self.request.take_findings();
        findings.extend(self.response.take_findings());
        findings.sort_by(|a, b| (&a.pointer, a.code).cmp(&(&b.pointer, b.code)));
        findings.dedup_by(|a, b| a.pointer == b.pointer && a.code == b.code);
        Contract { request, responses, findings }
    }

    fn request(&mut self, operation: &Operation<'d>) -> RequestContract {
        RequestContract { body: self.body(operation), parameters: self.parameters(operation) }
    }

    /// The schema at a pointer of the document, self-contained.
    pub fn schema(&mut self, direction: Direction, schema: &'d Value, at: &str) -> String {
        match direction {
            Direction::Request => self.request.schema(schema, at),
            Direction::Response => self.response.schema(schema, at),
        }
    }

    fn body(&mut self, operation: &Operation<'d>) -> Option<BodyContract> {
        let body = operation.request_body()?;
        let media = body.media.iter().map(|media| {
            // A form whose members are encoded in ways of their own is not the plain list of pairs that can be checked.
            let plain = !is_form(media.media_type) || media.node.get("encoding").is_none();
            let schema = media.schema.filter(|_| plain).map_or_else(
                || "true".to_owned(),
                |s| self.request.schema(s, &pointer::join(&media.pointer, "schema")),
            );
            (media.media_type.to_owned(), schema)
        });
        Some(BodyContract { required: body.required, media: media.collect() })
    }

    fn parameters(&mut self, operation: &Operation<'d>) -> Vec<ParameterContract> {
        let mut found = Vec::new();
        for parameter in operation.parameters() {
            // OpenAPI 3.1 §4.8.12.1: such header parameters are ignored; the gateway owns these headers.
            let owned = ["accept", "content-type", "authorization"]
                .iter()
                .any(|name| parameter.name.eq_ignore_ascii_case(name));
            if parameter.location == Location::Header && owned {
                continue;
            }
            let (schema, at, content) = match (&parameter.schema, &parameter.content) {
                (Some(schema), _) => (Some(*schema), pointer::join(&parameter.pointer, "schema"), None),
                (None, Some(media)) => {
                    (media.schema, pointer::join(&media.pointer, "schema"), Some(media.media_type.to_owned()))
                }
                (None, None) => (None, String::new(), None),
            };
            found.push(ParameterContract {
                name: parameter.name.to_owned(),
                location: parameter.location,
                required: parameter.required,
                style: parameter.style.to_owned(),
                explode: parameter.explode,
                content,
                schema_json: schema.map_or_else(|| "true".to_owned(), |schema| self.request.schema(schema, &at)),
            });
        }
        found
    }

    fn responses(&mut self, operation: &Operation<'d>) -> Vec<ResponseContract> {
        let mut found = Vec::new();
        for response in operation.responses() {
            for media in &response.media {
                let at = pointer::join(&media.pointer, "schema");
                found.push(ResponseContract {
                    status: response.status.to_owned(),
                    media_type: media.media_type.to_owned(),
                    schema_json: media
                        .schema
                        .map_or_else(|| "true".to_owned(), |schema| self.response.schema(schema, &at)),
                });
            }
        }
        found
    }
}

impl BodyContract {
    /// The first JSON media type and its schema.
    pub fn json(&self) -> Option<&(String, String)> {
        self.media.iter().find(|(media_type, _)| is_json(media_type))
    }
}

/// Why a schema does not compile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// The text is not JSON.
    #[error("the schema is not JSON: {0}")]
    Json(String),
    /// The schema means nothing or holds a pattern that cannot run in linear time.
    #[error("the schema does not compile: {0}")]
    Schema(String),
}

/// Compiles a schema text of a contract: draft 2020-12, formats checked, patterns in linear time, nothing fetched.
pub fn compile(schema_json: &str) -> Result<jsonschema::Validator, CompileError> {
    let schema: Value = serde_json::from_str(schema_json).map_err(|e| CompileError::Json(e.to_string()))?;
    compile_value(&schema)
}

/// Like [`compile`], from a tree.
pub fn compile_value(schema: &Value) -> Result<jsonschema::Validator, CompileError> {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .with_pattern_options(jsonschema::PatternOptions::regex().size_limit(PATTERN_BYTES))
        .build(schema)
        .map_err(|e| CompileError::Schema(e.to_string()))
}

/// Size of one compiled pattern; a counted repetition over a large class can grow without bound.
const PATTERN_BYTES: usize = 4 * 1024 * 1024;

/// Is this a `format` that [`compile`] checks? Every other word is a label.
pub fn is_checked_format(format: &str) -> bool {
    convert::FORMATS.contains(&format)
}

/// Can the pattern be enforced in linear time?
pub fn pattern_is_linear(pattern: &str) -> bool {
    compile_value(&serde_json::json!({ "pattern": pattern })).is_ok()
}

fn pattern_finding(at: &str, pattern: &str) -> Finding {
    Finding::noted(SpecCode::PatternUnsupported, crate::Severity::Warning, at, &crate::report_text(pattern))
}
