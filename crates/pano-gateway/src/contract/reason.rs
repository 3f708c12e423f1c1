//! The rule that a value broke, in both languages and without the value.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use pano_types::Localized;

/// What a validator says, for partners.
pub(super) fn reason(error: &ValidationError<'_>) -> Localized {
    // Names that the caller sent can be data as well.
    if matches!(
        error.kind(),
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } | Kind::PropertyNames { .. }
    ) {
        return ("has a member that the contract does not allow", "含有契约不允许的成员").into();
    }
    Localized::new(chinese(error.kind()), error.masked().to_string())
}

/// Where a text stops being JSON.
pub(super) fn not_json(error: &serde_json::Error) -> Localized {
    let (line, column) = (error.line(), error.column());
    (format!("not JSON: line {line}, column {column}"), format!("不是 JSON：第 {line} 行第 {column} 列")).into()
}

fn chinese(kind: &Kind) -> String {
    match kind {
        Kind::Required { property } => format!("缺少必填成员 {property}"),
        Kind::Type { kind } => format!("类型不符，须为 {}", types(kind)),
        Kind::Enum { options } => format!("不在允许的取值之内：{options}"),
        Kind::Constant { expected_value } => format!("须为 {expected_value}"),
        Kind::Pattern { pattern } => format!("不匹配规则 {pattern:?}"),
        Kind::Format { format } => format!("不符合格式 {format}"),
        Kind::MaxLength { limit } => format!("长度超过 {limit} 个字符"),
        Kind::MinLength { limit } => format!("长度少于 {limit} 个字符"),
        Kind::Maximum { limit } => format!("大于最大值 {limit}"),
        Kind::Minimum { limit } => format!("小于最小值 {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("须小于 {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("须大于 {limit}"),
        Kind::MultipleOf { multiple_of } => format!("须为 {multiple_of} 的倍数"),
        Kind::MaxItems { limit } => format!("多于 {limit} 项"),
        Kind::MinItems { limit } => format!("少于 {limit} 项"),
        Kind::MaxProperties { limit } => format!("多于 {limit} 个成员"),
        Kind::MinProperties { limit } => format!("少于 {limit} 个成员"),
        Kind::UniqueItems => "各项不得重复".to_owned(),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => "不符合任一可选的模式".to_owned(),
        Kind::OneOfMultipleValid { .. } => "同时符合多个互斥的模式".to_owned(),
        Kind::AdditionalItems { .. } | Kind::UnevaluatedItems { .. } => "含有契约不允许的项".to_owned(),
        Kind::FalseSchema | Kind::Not { .. } => "契约不允许该值".to_owned(),
        // Rules that documents hardly use are told by name only.
        _ => "不符合契约规则".to_owned(),
    }
}

fn types(kind: &jsonschema::error::TypeKind) -> String {
    match kind {
        jsonschema::error::TypeKind::Single(one) => one.to_string(),
        jsonschema::error::TypeKind::Multiple(several) => {
            several.iter().map(|one| one.to_string()).collect::<Vec<_>>().join("、")
        }
    }
}
