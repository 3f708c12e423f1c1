//! The objects of OpenAPI as a table: which members each has and of what shape (OpenAPI 3.0.4 §4.7, 3.1.1 §4.8).

/// The objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Root,
    Info,
    Contact,
    License,
    Server,
    ServerVariable,
    Components,
    Paths,
    PathItem,
    Operation,
    ExternalDocs,
    Parameter,
    Header,
    RequestBody,
    MediaType,
    Encoding,
    Responses,
    Response,
    Callback,
    Example,
    Link,
    Tag,
    SecurityScheme,
    OauthFlows,
    OauthFlow,
    Schema,
}

/// What may stand at a member.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    Text,
    Bool,
    Any,
    Node(Kind),
    /// The object or a reference to one.
    Ref(Kind),
    List(&'static Shape),
    Map(&'static Shape),
    Word(&'static [&'static str]),
}

pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
}

const fn may(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: false }
}

const fn must(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: true }
}

use Shape::{Any, Bool, List, Map, Node, Ref, Text, Word};

const SECURITY: Shape = List(&Map(&List(&Text)));
const STYLES: Shape = Word(&["simple", "form", "label", "matrix", "spaceDelimited", "pipeDelimited", "deepObject"]);

impl Kind {
    /// The members; empty for the kinds that are maps (`Paths`, `Responses`, `Callback`) or have rules of their own (`Schema`).
    pub(super) const fn fields(self) -> &'static [Field] {
        match self {
            Self::Root => {
                const {
                    &[
                        must("openapi", Text),
                        must("info", Node(Kind::Info)),
                        may("jsonSchemaDialect", Text),
                        may("servers", List(&Node(Kind::Server))),
                        may("paths", Node(Kind::Paths)),
                        may("webhooks", Map(&Ref(Kind::PathItem))),
                        may("components", Node(Kind::Components)),
                        may("security", SECURITY),
                        may("tags", List(&Node(Kind::Tag))),
                        may("externalDocs", Node(Kind::ExternalDocs)),
                    ]
                }
            }
            Self::Info => {
                const {
                    &[
                        must("title", Text),
                        must("version", Text),
                        may("summary", Text),
                        may("description", Text),
                        may("termsOfService", Text),
                        may("contact", Node(Kind::Contact)),
                        may("license", Node(Kind::License)),
                    ]
                }
            }
            Self::Contact => const { &[may("name", Text), may("url", Text), may("email", Text)] },
            Self::License => const { &[must("name", Text), may("url", Text), may("identifier", Text)] },
            Self::Server => {
                const { &[must("url", Text), may("description", Text), may("variables", Map(&Node(Kind::ServerVariable)))] }
            }
            Self::ServerVariable => {
                const { &[must("default", Text), may("enum", List(&Text)), may("description", Text)] }
            }
            Self::Components => {
                const {
                    &[
                        may("schemas", Map(&Ref(Kind::Schema))),
                        may("responses", Map(&Ref(Kind::Response))),
                        may("parameters", Map(&Ref(Kind::Parameter))),
                        may("examples", Map(&Ref(Kind::Example))),
                        may("requestBodies", Map(&Ref(Kind::RequestBody))),
                        may("headers", Map(&Ref(Kind::Header))),
                        may("securitySchemes", Map(&Ref(Kind::SecurityScheme))),
                        may("links", Map(&Ref(Kind::Link))),
                        may("callbacks", Map(&Ref(Kind::Callback))),
                        may("pathItems", Map(&Ref(Kind::PathItem))),
                    ]
                }
            }
            Self::PathItem => {
                const {
                    &[
                        may("$ref", Text),
                        may("summary", Text),
                        may("description", Text),
                        may("get", Node(Kind::Operation)),
                        may("put", Node(Kind::Operation)),
                        may("post", Node(Kind::Operation)),
                        may("delete", Node(Kind::Operation)),
                        may("options", Node(Kind::Operation)),
                        may("head", Node(Kind::Operation)),
                        may("patch", Node(Kind::Operation)),
                        may("trace", Node(Kind::Operation)),
                        may("servers", List(&Node(Kind::Server))),
                        may("parameters", List(&Ref(Kind::Parameter))),
                    ]
                }
            }
            Self::Operation => {
                const {
                    &[
                        may("tags", List(&Text)),
                        may("summary", Text),
                        may("description", Text),
                        may("externalDocs", Node(Kind::ExternalDocs)),
                        may("operationId", Text),
                        may("parameters", List(&Ref(Kind::Parameter))),
                        may("requestBody", Ref(Kind::RequestBody)),
                        may("responses", Node(Kind::Responses)),
                        may("callbacks", Map(&Ref(Kind::Callback))),
                        may("deprecated", Bool),
                        may("security", SECURITY),
                        may("servers", List(&Node(Kind::Server))),
                    ]
                }
            }
            Self::ExternalDocs => const { &[must("url", Text), may("description", Text)] },
            Self::Parameter => {
                const {
                    &[
                        must("name", Text),
                        must("in", Word(&["path", "query", "header", "cookie"])),
                        may("description", Text),
                        may("required", Bool),
                        may("deprecated", Bool),
                        may("allowEmptyValue", Bool),
                        may("style", STYLES),
                        may("explode", Bool),
                        may("allowReserved", Bool),
                        may("schema", Ref(Kind::Schema)),
                        may("example", Any),
                        may("examples", Map(&Ref(Kind::Example))),
                        may("content", Map(&Node(Kind::MediaType))),
                    ]
                }
            }
            Self::Header => {
                const {
                    &[
                        may("description", Text),
                        may("required", Bool),
                        may("deprecated", Bool),
                        may("allowEmptyValue", Bool),
                        may("style", STYLES),
                        may("explode", Bool),
                        may("allowReserved", Bool),
                        may("schema", Ref(Kind::Schema)),
                        may("example", Any),
                        may("examples", Map(&Ref(Kind::Example))),
                        may("content", Map(&Node(Kind::MediaType))),
                    ]
                }
            }
            Self::RequestBody => {
                const { &[must("content", Map(&Node(Kind::MediaType))), may("description", Text), may("required", Bool)] }
            }
            Self::MediaType => {
                const {
                    &[
                        may("schema", Ref(Kind::Schema)),
                        may("example", Any),
                        may("examples", Map(&Ref(Kind::Example))),
                        may("encoding", Map(&Node(Kind::Encoding))),
                    ]
                }
            }
            Self::Encoding => {
                const {
                    &[
                        may("contentType", Text),
                        may("headers", Map(&Ref(Kind::Header))),
                        may("style", STYLES),
                        may("explode", Bool),
                        may("allowReserved", Bool),
                    ]
                }
            }
            // `description` is required too; its absence is mended where responses are walked.
            Self::Response => {
                const {
                    &[
                        may("description", Text),
                        may("headers", Map(&Ref(Kind::Header))),
                        may("content", Map(&Node(Kind::MediaType))),
                        may("links", Map(&Ref(Kind::Link))),
                    ]
                }
            }
            Self::Example => {
                const { &[may("summary", Text), may("description", Text), may("value", Any), may("externalValue", Text)] }
            }
            Self::Link => {
                const {
                    &[
                        may("operationRef", Text),
                        may("operationId", Text),
                        may("parameters", Map(&Any)),
                        may("requestBody", Any),
                        may("description", Text),
                        may("server", Node(Kind::Server)),
                    ]
                }
            }
            Self::Tag => {
                const { &[must("name", Text), may("description", Text), may("externalDocs", Node(Kind::ExternalDocs))] }
            }
            Self::SecurityScheme => {
                const {
                    &[
                        must("type", Word(&["apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"])),
                        may("description", Text),
                        may("name", Text),
                        may("in", Word(&["query", "header", "cookie"])),
                        may("scheme", Text),
                        may("bearerFormat", Text),
                        may("flows", Node(Kind::OauthFlows)),
                        may("openIdConnectUrl", Text),
                    ]
                }
            }
            Self::OauthFlows => {
                const {
                    &[
                        may("implicit", Node(Kind::OauthFlow)),
                        may("password", Node(Kind::OauthFlow)),
                        may("clientCredentials", Node(Kind::OauthFlow)),
                        may("authorizationCode", Node(Kind::OauthFlow)),
                    ]
                }
            }
            Self::OauthFlow => {
                const {
                    &[
                        may("authorizationUrl", Text),
                        may("tokenUrl", Text),
                        may("refreshUrl", Text),
                        may("scopes", Map(&Text)),
                    ]
                }
            }
            Self::Paths | Self::Responses | Self::Callback | Self::Schema => &[],
        }
    }

    /// The section of `components` that holds these.
    pub(super) const fn section(self) -> &'static str {
        match self {
            Self::Schema => "schemas",
            Self::Response => "responses",
            Self::Parameter => "parameters",
            Self::Example => "examples",
            Self::RequestBody => "requestBodies",
            Self::Header => "headers",
            Self::SecurityScheme => "securitySchemes",
            Self::Link => "links",
            Self::Callback => "callbacks",
            Self::PathItem => "pathItems",
            _ => "",
        }
    }
}
