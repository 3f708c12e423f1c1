//! The operations of a document, read where they stand: references resolved, path-level parameters merged.

use crate::pointer;
use crate::read::Document;
use crate::refs;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// An HTTP method that a path item can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the words are those of the specification")]
pub enum Method {
    Get,
    Put,
    Post,
    Delete,
    Options,
    Head,
    Patch,
    Trace,
}

impl Method {
    /// All, in the order of the OpenAPI specification.
    pub const ALL: [Self; 8] =
        [Self::Get, Self::Put, Self::Post, Self::Delete, Self::Options, Self::Head, Self::Patch, Self::Trace];
    /// The member name in a path item.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Put => "put",
            Self::Post => "post",
            Self::Delete => "delete",
            Self::Options => "options",
            Self::Head => "head",
            Self::Patch => "patch",
            Self::Trace => "trace",
        }
    }
    /// The token on the wire.
    pub const fn token(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Head => "HEAD",
            Self::Patch => "PATCH",
            Self::Trace => "TRACE",
        }
    }
    /// The method of a path item's member.
    pub fn from_member(member: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.member() == member)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.token())
    }
}

/// Where a parameter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words are those of the specification")]
pub enum Location {
    Path,
    Query,
    Header,
    Cookie,
}

impl Location {
    /// The value of `in`.
    pub fn from_text(text: &str) -> Option<Self> {
        Some(match text {
            "path" => Self::Path,
            "query" => Self::Query,
            "header" => Self::Header,
            "cookie" => Self::Cookie,
            _ => return None,
        })
    }
    /// As in `in`.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
    /// The style that holds when none is written (OpenAPI 3.1 §4.8.12).
    pub const fn default_style(self) -> &'static str {
        match self {
            Self::Path | Self::Header => "simple",
            Self::Query | Self::Cookie => "form",
        }
    }
}

/// One method on one path.
#[derive(Debug, Clone)]
pub struct Operation<'d> {
    document: &'d Document,
    /// Method.
    pub method: Method,
    /// Path template as written, with its leading slash.
    pub path: &'d str,
    /// Pointer of the operation object.
    pub pointer: String,
    item: &'d Map<String, Value>,
    item_pointer: String,
    node: &'d Map<String, Value>,
}

/// A parameter, its reference resolved.
#[derive(Debug, Clone)]
pub struct Parameter<'d> {
    /// Name as on the wire.
    pub name: &'d str,
    /// Where it travels.
    pub location: Location,
    /// Path parameters always are.
    pub required: bool,
    /// `simple`, `form`, `label`, `matrix`, `spaceDelimited`, `pipeDelimited`, `deepObject`.
    pub style: &'d str,
    /// Each item or member in a parameter of its own.
    pub explode: bool,
    /// Schema, when it has one.
    pub schema: Option<&'d Value>,
    /// The media type and its object, when it has `content` instead.
    pub content: Option<Media<'d>>,
    /// Pointer of the parameter object, after references.
    pub pointer: String,
    /// The whole object.
    pub node: &'d Map<String, Value>,
}

/// A media type of a body.
#[derive(Debug, Clone)]
pub struct Media<'d> {
    /// As written, parameters included.
    pub media_type: &'d str,
    /// Schema, when it has one.
    pub schema: Option<&'d Value>,
    /// Pointer of the media type object.
    pub pointer: String,
    /// The whole object.
    pub node: &'d Value,
}

/// A request body, its reference resolved.
#[derive(Debug, Clone)]
pub struct RequestBody<'d> {
    /// Must there be one?
    pub required: bool,
    /// By media type.
    pub media: Vec<Media<'d>>,
    /// Pointer of the body object, after references.
    pub pointer: String,
    /// The whole object.
    pub node: &'d Map<String, Value>,
}

/// A response, its reference resolved.
#[derive(Debug, Clone)]
pub struct Response<'d> {
    /// `200`, `4XX` or `default`.
    pub status: &'d str,
    /// What it means.
    pub description: &'d str,
    /// By media type; empty when it has no body.
    pub media: Vec<Media<'d>>,
    /// Pointer of the response object, after references.
    pub pointer: String,
    /// The whole object.
    pub node: &'d Map<String, Value>,
}

/// One alternative of a security requirement: all its schemes together.
pub type SecurityAlternative<'d> = Vec<(&'d str, Vec<&'d str>)>;

impl Document {
    /// All operations, in the order of the document.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let Some(paths) = self.root().get("paths").and_then(Value::as_object) else { return Vec::new() };
        let mut found = Vec::new();
        for (path, item) in paths {
            if !path.starts_with('/') {
                continue;
            }
            let Some((item, item_pointer)) = self.resolve(item, &pointer::join("/paths", path)) else { continue };
            let Some(item) = item.as_object() else { continue };
            for (member, node) in item {
                if let (Some(method), Some(node)) = (Method::from_member(member), node.as_object()) {
                    let pointer = pointer::join(&item_pointer, member);
                    found.push(Operation {
                        document: self,
                        method,
                        path,
                        pointer,
                        item,
                        item_pointer: item_pointer.clone(),
                        node,
                    });
                }
            }
        }
        found
    }

    /// The operation with this method on this path template, as written.
    pub fn operation(&self, method: Method, path: &str) -> Option<Operation<'_>> {
        let (path, item) = self.root().get("paths")?.as_object()?.get_key_value(path)?;
        let (item, item_pointer) = self.resolve(item, &pointer::join("/paths", path))?;
        let item = item.as_object()?;
        let node = item.get(method.member())?.as_object()?;
        Some(Operation {
            document: self,
            method,
            path,
            pointer: pointer::join(&item_pointer, method.member()),
            item,
            item_pointer,
            node,
        })
    }

    /// What `value` at `at` stands for after its references, with its pointer.
    pub fn resolve<'d>(&'d self, value: &'d Value, at: &str) -> Option<(&'d Value, String)> {
        refs::resolve(self.root(), value, at)
    }

    /// The value at a pointer.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        pointer::follow(self.root(), pointer)
    }

    /// `servers[].url`, as written.
    pub fn servers(&self) -> Vec<&str> {
        let servers = self.root().get("servers").and_then(Value::as_array);
        servers.into_iter().flatten().filter_map(|server| server.get("url")?.as_str()).collect()
    }

    fn media<'d>(&'d self, node: &'d Map<String, Value>, at: &str) -> Vec<Media<'d>> {
        let Some(content) = node.get("content").and_then(Value::as_object) else { return Vec::new() };
        let media = |(media_type, node): (&'d String, &'d Value)| Media {
            media_type,
            schema: node.get("schema"),
            pointer: pointer::join_all(at, &["content", media_type]),
            node,
        };
        content.iter().map(media).collect()
    }
}

impl<'d> Operation<'d> {
    /// The document it stands in.
    pub fn document(&self) -> &'d Document {
        self.document
    }
    /// The operation object.
    pub fn node(&self) -> &'d Map<String, Value> {
        self.node
    }
    /// `METHOD /path`: names the operation within its document.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
    fn text(&self, member: &str) -> Option<&'d str> {
        self.node.get(member).or_else(|| if member == "operationId" { None } else { self.item.get(member) })?.as_str()
    }
    /// `operationId`.
    pub fn operation_id(&self) -> Option<&'d str> {
        self.text("operationId")
    }
    /// `summary`, or the path's.
    pub fn summary(&self) -> &'d str {
        self.text("summary").unwrap_or_default()
    }
    /// `description`, or the path's.
    pub fn description(&self) -> &'d str {
        self.text("description").unwrap_or_default()
    }
    /// `deprecated`.
    pub fn deprecated(&self) -> bool {
        self.node.get("deprecated").and_then(Value::as_bool).unwrap_or(false)
    }
    /// `tags`.
    pub fn tags(&self) -> Vec<&'d str> {
        self.node.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }
    /// Members that begin with `x-`, of the operation.
    pub fn extensions(&self) -> impl Iterator<Item = (&'d str, &'d Value)> + use<'d> {
        self.node.iter().filter(|(key, _)| key.starts_with("x-")).map(|(key, value)| (key.as_str(), value))
    }
    /// The names in the path template, in order.
    pub fn path_variables(&self) -> Vec<&'d str> {
        variables(self.path)
    }

    /// Parameters of the path and the operation; the operation's win (OpenAPI 3.1 §4.8.9).
    pub fn parameters(&self) -> Vec<Parameter<'d>> {
        let mut found: Vec<Parameter<'d>> = Vec::new();
        for (list, at) in [(self.item, &self.item_pointer), (self.node, &self.pointer)] {
            let Some(list) = list.get("parameters").and_then(Value::as_array) else { continue };
            for (i, value) in list.iter().enumerate() {
                let Some(parameter) = self.parameter(value, &pointer::join_all(at, &["parameters", &i.to_string()]))
                else {
                    continue;
                };
                match found.iter_mut().find(|p| p.name == parameter.name && p.location == parameter.location) {
                    Some(slot) => *slot = parameter,
                    None => found.push(parameter),
                }
            }
        }
        found
    }

    fn parameter(&self, value: &'d Value, at: &str) -> Option<Parameter<'d>> {
        let (value, pointer) = self.document.resolve(value, at)?;
        let node = value.as_object()?;
        let location = Location::from_text(node.get("in")?.as_str()?)?;
        let style = node.get("style").and_then(Value::as_str).unwrap_or(location.default_style());
        Some(Parameter {
            name: node.get("name")?.as_str()?,
            location,
            required: location == Location::Path || node.get("required").and_then(Value::as_bool).unwrap_or(false),
            style,
            explode: node.get("explode").and_then(Value::as_bool).unwrap_or(style == "form"),
            schema: node.get("schema"),
            content: self.document.media(node, &pointer).into_iter().next(),
            pointer,
            node,
        })
    }

    /// The request body.
    pub fn request_body(&self) -> Option<RequestBody<'d>> {
        let (value, pointer) =
            self.document.resolve(self.node.get("requestBody")?, &pointer::join(&self.pointer, "requestBody"))?;
        let node = value.as_object()?;
        let required = node.get("required").and_then(Value::as_bool).unwrap_or(false);
        Some(RequestBody { required, media: self.document.media(node, &pointer), pointer, node })
    }

    /// Responses, in the order of the document.
    pub fn responses(&self) -> Vec<Response<'d>> {
        let Some(responses) = self.node.get("responses").and_then(Value::as_object) else { return Vec::new() };
        let at = pointer::join(&self.pointer, "responses");
        let response = |(status, value): (&'d String, &'d Value)| {
            if status.starts_with("x-") {
                return None;
            }
            let (value, pointer) = self.document.resolve(value, &pointer::join(&at, status))?;
            let node = value.as_object()?;
            let description = node.get("description").and_then(Value::as_str).unwrap_or_default();
            Some(Response { status, description, media: self.document.media(node, &pointer), pointer, node })
        };
        responses.iter().filter_map(response).collect()
    }

    /// The security requirement: the operation's, or the document's. `None` when neither says; an empty list or an empty alternative
    /// means that none is needed.
    pub fn security(&self) -> Option<Vec<SecurityAlternative<'d>>> {
        let list = self.node.get("security").or_else(|| self.document.root().get("security"))?.as_array()?;
        let scopes = |value: &'d Value| value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let alternative = |value: &'d Value| {
            value
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, list)| (name.as_str(), scopes(list)))
                .collect::<SecurityAlternative<'d>>()
        };
        Some(list.iter().map(alternative).collect())
    }

    /// Whether the document declares that no security is needed: an empty list, or an alternative that asks for nothing.
    pub fn declares_no_security(&self) -> bool {
        self.security().is_some_and(|list| list.is_empty() || list.iter().any(Vec::is_empty))
    }
}

/// The names in a path template, in order.
pub fn variables(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
}

/// Is this the media type of HTML's forms, whatever its parameters?
pub fn is_form(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Is this a JSON media type (`application/json`, `…+json`, whatever its parameters)?
pub fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json") || essence == "text/json"
}
