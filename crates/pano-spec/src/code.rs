//! Every reason this crate can give about a document, with a stable code: the import report speaks in these.
//!
//! A code never changes its meaning and is never reused.

use pano_types::{Lang, Localized};
use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! spec_codes {
    ($($variant:ident = $text:literal, $en:literal, $zh:literal;)*) => {
        /// A stable code for a finding in a document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "a variant is explained by its texts")]
        pub enum SpecCode { $($variant),* }

        impl SpecCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [SpecCode] = &[$(SpecCode::$variant),*];
            /// The stable text, `spec.what`.
            pub const fn text(self) -> &'static str {
                match self { $(SpecCode::$variant => $text),* }
            }
            /// What it means, in one line.
            pub const fn title(self, lang: Lang) -> &'static str {
                match (self, lang) { $((SpecCode::$variant, Lang::En) => $en, (SpecCode::$variant, Lang::Zh) => $zh),* }
            }
        }
    };
}

spec_codes! {
    // Bytes and syntax: always refused, but for the byte order mark.
    TooLarge = "spec.too_large", "The document is larger than the limit", "文档超过大小上限";
    Encoding = "spec.encoding", "The document is not UTF-8", "文档不是 UTF-8 编码";
    Bom = "spec.bom", "A byte order mark precedes the document; it is ignored", "文档开头有字节顺序标记，已忽略";
    Empty = "spec.empty", "The document is empty", "文档为空";
    Syntax = "spec.syntax", "The document is neither YAML nor JSON", "文档既非合法 YAML 也非合法 JSON";
    Depth = "spec.depth", "The document is nested deeper than the limit", "文档嵌套超过层数上限";
    Nodes = "spec.nodes", "The document has more values than the limit", "文档的值的个数超过上限";
    AliasBudget = "spec.yaml.alias_budget", "YAML aliases expand to more than the limit", "YAML 别名展开超过上限";
    AliasCycle = "spec.yaml.alias_cycle", "A YAML alias lies within its own anchor", "YAML 别名位于其自身锚点之内";
    MergeKey = "spec.yaml.merge_key", "YAML merge keys (<<) are not part of YAML 1.2", "YAML 1.2 不支持合并键（<<）";
    KeyNotText = "spec.yaml.key", "A YAML key is a map or a list", "YAML 键为映射或列表";
    Tag = "spec.yaml.tag", "A YAML tag is outside the core schema", "YAML 标签不属于核心模式";
    ManyDocuments = "spec.yaml.many_documents", "The file holds more than one YAML document", "文件包含多个 YAML 文档";
    FlowEnd = "spec.yaml.flow_end", "A closing bracket stands as far left as its key; it is read as further in", "右括号与其键同列，已按缩进处理";
    NumberNotJson = "spec.number", "The number has no JSON form (infinity or not-a-number)", "该数值无法用 JSON 表示（无穷或非数）";
    DuplicateKey = "spec.duplicate_key", "The same key stands twice in one object", "同一对象中键重复";
    NotOpenApi = "spec.not_openapi", "Not an OpenAPI description", "不是 OpenAPI 描述文档";
    Version = "spec.version", "The OpenAPI version is not supported; 3.0 and 3.1 are", "不支持该 OpenAPI 版本，仅支持 3.0 与 3.1";
    VersionNotText = "spec.version_not_text", "The OpenAPI version is a number; it is read as text", "OpenAPI 版本写成了数字，已按文本处理";
    TooManyOperations = "spec.operations", "The document has more operations than the limit", "操作个数超过上限";
    TooManyFindings = "spec.findings", "There are more findings than are kept", "问题过多，仅保留部分";
    // References.
    RefUnresolved = "spec.ref.unresolved", "The reference leads nowhere", "引用无法解析";
    RefMalformed = "spec.ref.malformed", "The reference is not a JSON pointer that can be followed", "引用不是可解析的 JSON 指针";
    RefCycle = "spec.ref.cycle", "References lead back to themselves without a value between", "引用循环且中间没有值";
    RefExternal = "spec.ref.external", "References to other hosts or without a folder are not followed", "不解析指向外部地址的引用";
    RefOutside = "spec.ref.outside", "The reference leaves the given folder", "引用超出给定目录";
    RefTooMany = "spec.ref.too_many", "The document has more references than the limit", "引用个数超过上限";
    ParameterRestored = "spec.ref.parameter_restored", "A path parameter is referenced but not defined; it is restored from the path template as required text", "路径参数被引用但未定义，已按路径模板补为必填文本";
    // Shape.
    ShapeType = "spec.shape.type", "A member has the wrong type", "成员类型错误";
    ShapeRequired = "spec.shape.required", "A required member is missing", "缺少必需成员";
    ShapeValue = "spec.shape.value", "A member has a value outside its set", "成员取值不在允许范围内";
    UnknownField = "spec.shape.unknown_field", "A member is not part of OpenAPI and does not begin with x-", "成员既不属于 OpenAPI 也不以 x- 开头";
    TextFromScalar = "spec.shape.text_from_scalar", "A number or boolean stands where text belongs; it is read as text", "应为文本处写成了数字或布尔值，已按文本处理";
    DescriptionMissing = "spec.shape.description_missing", "A response has no description; an empty one is assumed", "响应缺少 description，按空文本处理";
    PathSlash = "spec.path.slash", "A path does not begin with a slash", "路径未以斜杠开头";
    PathTemplate = "spec.path.template", "The braces of a path template do not pair", "路径模板的花括号不配对";
    PathVariableTwice = "spec.path.variable_twice", "A path template names the same variable twice; later ones are renamed", "路径模板重复使用同一变量，后者已更名";
    PathVariableUndefined = "spec.path.variable_undefined", "A path variable has no parameter; required text is assumed", "路径变量没有对应参数，按必填文本处理";
    PathVariableUnused = "spec.path.variable_unused", "A path parameter does not occur in the path template", "路径参数未出现在路径模板中";
    PathConflict = "spec.path.conflict", "Two path templates match the same requests", "两个路径模板匹配相同请求";
    ParameterDuplicate = "spec.parameter.duplicate", "The same parameter stands twice; the later one is dropped", "参数重复，已去除后者";
    PathParameterRequired = "spec.parameter.path_required", "A path parameter is not marked required; it is", "路径参数未标记为必填，按必填处理";
    OperationIdDuplicate = "spec.operation_id.duplicate", "Two operations have the same operationId", "operationId 重复";
    SecurityUndefined = "spec.security.undefined", "A security requirement names an undefined scheme", "安全要求引用了未定义的安全方案";
    SecurityNone = "spec.security.none", "The operation declares that it needs no security; nothing is open, so it asks for a scope all the same", "操作声明无需安全方案；平台不开放匿名访问，仍要求权限范围";
    EnumDuplicate = "spec.enum.duplicate", "An enumeration holds the same value twice; the later one is dropped", "枚举值重复，已去除后者";
    EnumEmpty = "spec.enum.empty", "An enumeration is empty; it is ignored", "枚举为空，已忽略";
    DefaultType = "spec.default.type", "A default or enumerated value of a text schema is a number; it is read as the text written", "文本模式的默认值或枚举值写成了数字，已按原文文本处理";
    SchemaType = "spec.schema.type", "A schema has an unknown type; the type is not checked", "模式类型未知，不检查类型";
    SchemaKeyword = "spec.schema.keyword", "A schema keyword has a value that means nothing; it is ignored", "模式关键字取值无效，已忽略";
    SchemaCycle = "spec.schema.cycle", "A schema contains itself without a member or item between", "模式直接包含自身";
    SchemaItems = "spec.schema.items", "A list schema does not say what its items are", "数组模式未声明 items";
    PatternUnsupported = "spec.schema.pattern", "A pattern cannot be checked in linear time; it is not enforced", "正则表达式无法在线性时间内检查，不予强制";
    // Files.
    FileUnreadable = "spec.file.unreadable", "The file cannot be read", "文件无法读取";
    FileSymlink = "spec.file.symlink", "The file is a symbolic link that leaves the given folder", "文件是指向目录之外的符号链接";
}

impl SpecCode {
    /// The title in both languages with what was seen behind it.
    pub fn reason(self, detail: &str) -> Localized {
        let join = |title: &str, colon: &str| {
            if detail.is_empty() { title.to_owned() } else { format!("{title}{colon}{detail}") }
        };
        Localized::new(join(self.title(Lang::Zh), "："), join(self.title(Lang::En), ": "))
    }
    /// The code with this stable text.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.text() == text)
    }
}

impl fmt::Display for SpecCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Serialize for SpecCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_found_by_their_text() {
        let texts: HashSet<_> = SpecCode::ALL.iter().map(|code| code.text()).collect();
        assert_eq!(texts.len(), SpecCode::ALL.len());
        for code in SpecCode::ALL {
            assert!(code.text().starts_with("spec."));
            assert_eq!(SpecCode::from_text(code.text()), Some(*code));
        }
        assert_eq!(SpecCode::Bom.reason("").en, "A byte order mark precedes the document; it is ignored");
        assert!(SpecCode::Depth.reason("101").zh.ends_with("：101"));
    }
}
