//! What changed between two versions of an API, and whether partners feel it.
//!
//! A request may become wider and a response narrower without breaking anyone; the other way round breaks. What cannot be decided by
//! form alone (a changed pattern, a renamed operationId) is unclassified: a person decides.
//!
//! Shared schemas are compared once per direction; each change names the operations that it reaches.

mod effective;
mod operation;
mod output;
mod schema;

use crate::contract::Direction;
use crate::read::Document;
use pano_types::Localized;
use serde::Serialize;

/// What a change means to partners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A partner's working client may stop working.
    Breaking,
    /// Form alone does not tell.
    Unclassified,
    /// Working clients keep working.
    NonBreaking,
}

macro_rules! kinds {
    ($($variant:ident = $text:literal, $en:literal, $zh:literal;)*) => {
        /// What changed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "a variant is explained by its texts")]
        pub enum Kind { $($variant),* }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),*];
            /// The stable text.
            pub const fn text(self) -> &'static str {
                match self { $(Kind::$variant => $text),* }
            }
            /// For people.
            pub fn title(self) -> Localized {
                match self { $(Kind::$variant => Localized::new($zh, $en)),* }
            }
        }
    };
}

kinds! {
    PathRemoved = "path-removed", "The path is gone", "路径已删除";
    PathAdded = "path-added", "A path is new", "新增路径";
    PathVariableRenamed = "path-variable-renamed", "A path variable has another name", "路径变量改名";
    OperationRemoved = "operation-removed", "The operation is gone", "操作已删除";
    OperationAdded = "operation-added", "An operation is new", "新增操作";
    OperationDeprecated = "operation-deprecated", "The operation is now deprecated", "操作已标记弃用";
    OperationIdChanged = "operation-id-changed", "The operationId is another", "operationId 已变更";
    SecurityTightened = "security-tightened", "Security that sufficed no longer does", "原有安全条件不再足够";
    SecurityRelaxed = "security-relaxed", "Another way of security suffices too", "新增可用的安全方式";
    SecuritySchemeChanged = "security-scheme-changed", "A security scheme is defined otherwise", "安全方案定义已变更";
    ParameterRemoved = "parameter-removed", "The parameter is gone", "参数已删除";
    ParameterAdded = "parameter-added", "An optional parameter is new", "新增可选参数";
    ParameterAddedRequired = "parameter-added-required", "A required parameter is new", "新增必填参数";
    ParameterRequired = "parameter-required", "The parameter is now required", "参数变为必填";
    ParameterOptional = "parameter-optional", "The parameter is no longer required", "参数变为可选";
    ParameterStyle = "parameter-style", "The parameter is written otherwise (style, explode, content)", "参数书写方式已变更";
    BodyRemoved = "body-removed", "The request body is gone", "请求体已删除";
    BodyAdded = "body-added", "An optional request body is new", "新增可选请求体";
    BodyAddedRequired = "body-added-required", "A required request body is new", "新增必填请求体";
    BodyRequired = "body-required", "The request body is now required", "请求体变为必填";
    BodyOptional = "body-optional", "The request body is no longer required", "请求体变为可选";
    MediaRemoved = "media-removed", "The media type is gone", "媒体类型已删除";
    MediaAdded = "media-added", "A media type is new", "新增媒体类型";
    ResponseRemoved = "response-removed", "The response is gone", "响应已删除";
    ResponseAdded = "response-added", "A response is new", "新增响应";
    HeaderRemoved = "header-removed", "The response header is gone", "响应头已删除";
    HeaderAdded = "header-added", "A response header is new", "新增响应头";
    SchemaAdded = "schema-added", "A schema is given where there was none", "新增模式约束";
    SchemaRemoved = "schema-removed", "The schema is gone", "模式约束已删除";
    TypeChanged = "type-changed", "The type is another", "类型已变更";
    TypeNarrowed = "type-narrowed", "Fewer types are allowed", "允许的类型减少";
    TypeWidened = "type-widened", "More types are allowed", "允许的类型增加";
    NullForbidden = "null-forbidden", "Null is no longer allowed", "不再允许空值";
    NullAllowed = "null-allowed", "Null is now allowed", "允许空值";
    EnumNarrowed = "enum-narrowed", "Values are gone from the enumeration", "枚举值减少";
    EnumWidened = "enum-widened", "Values are new in the enumeration", "枚举值增加";
    BoundTightened = "bound-tightened", "A bound is tighter", "界限收紧";
    BoundLoosened = "bound-loosened", "A bound is looser", "界限放宽";
    PatternAdded = "pattern-added", "A pattern is new", "新增正则约束";
    PatternRemoved = "pattern-removed", "The pattern is gone", "正则约束已删除";
    PatternChanged = "pattern-changed", "The pattern is another", "正则约束已变更";
    FormatAdded = "format-added", "A format is new", "新增格式约束";
    FormatRemoved = "format-removed", "The format is gone", "格式约束已删除";
    FormatChanged = "format-changed", "The format is another", "格式约束已变更";
    RequiredAdded = "required-added", "A member is now required", "成员变为必需";
    RequiredRemoved = "required-removed", "A member is no longer required", "成员变为可选";
    MemberAdded = "member-added", "A member is new", "新增成员";
    MemberRemoved = "member-removed", "The member is gone", "成员已删除";
    AdditionalForbidden = "additional-forbidden", "Other members are no longer allowed", "不再允许其他成员";
    AdditionalAllowed = "additional-allowed", "Other members are now allowed", "允许其他成员";
    AlternativeRemoved = "alternative-removed", "An alternative is gone", "可选形式减少";
    AlternativeAdded = "alternative-added", "An alternative is new", "可选形式增加";
    DirectionChanged = "direction-changed", "readOnly or writeOnly is another", "只读或只写属性已变更";
    DefaultChanged = "default-changed", "The default is another", "默认值已变更";
    KeywordChanged = "keyword-changed", "A keyword is another", "关键字已变更";
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it means.
    pub class: Class,
    /// What it is.
    pub kind: Kind,
    /// Which way the values travel, for changes of a schema.
    pub direction: Option<Direction>,
    /// Where it was.
    pub old: Option<String>,
    /// Where it is.
    pub new: Option<String>,
    /// What was seen: names and values.
    pub detail: String,
    /// Operations that it reaches, `METHOD /path` of the new document (of the old one for what is gone), sorted.
    pub operations: Vec<String>,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Title and version of the earlier document.
    pub old: (String, String),
    /// Title and version of the later document.
    pub new: (String, String),
    /// Breaking first.
    pub changes: Vec<Change>,
}

/// Compares an earlier with a later version.
pub fn compare(old: &Document, new: &Document) -> Comparison {
    let mut changes = operation::Operations::new(old, new).compare();
    changes.sort_by(|a, b| {
        let place = |change: &Change| change.new.clone().or_else(|| change.old.clone());
        (a.class, a.kind, place(a), &a.detail).cmp(&(b.class, b.kind, place(b), &b.detail))
    });
    let name = |document: &Document| (document.title().to_owned(), document.api_version().to_owned());
    Comparison { old: name(old), new: name(new), changes }
}

impl Comparison {
    /// Does any change break?
    pub fn is_breaking(&self) -> bool {
        self.of(Class::Breaking).next().is_some()
    }
    /// The changes of one class.
    pub fn of(&self, class: Class) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.class == class)
    }
}
