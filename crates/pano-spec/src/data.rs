//! YAML and JSON that is no OpenAPI document (declared folders, configuration), through the same bounded readers and writer.

use crate::limits::Limits;
use crate::read::{Format, ReadError, text_of, tree};
use crate::write;
use serde_json::Value;

/// Reads YAML or JSON, bounded by `limits` like a document; duplicate keys and alias bombs are refused.
///
/// # Errors
/// The first thing that stands in the way, with line and column.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Value, ReadError> {
    let (text, _) = text_of(bytes, limits)?;
    Ok(tree(text, Format::detect(text), limits)?.0)
}

/// Writes YAML: block style, keys in their order; [`read`] gives the same value back.
pub fn yaml(value: &Value) -> String {
    write::yaml(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_nonsense_is_refused() {
        let value = serde_json::json!({ "name": { "zh": "账户", "en": "yes" }, "list": [1, "1", null, {}], "空": "" });
        assert_eq!(read(yaml(&value).as_bytes(), &Limits::default()).unwrap(), value);
        for bad in ["a: 1\na: 2", "a: [", "{\"a\": 1, \"a\": 2}"] {
            assert!(read(bad.as_bytes(), &Limits::default()).is_err(), "{bad}");
        }
        let small = Limits { bytes: 3, ..Limits::default() };
        assert!(read(b"a: 12", &small).is_err());
    }
}
