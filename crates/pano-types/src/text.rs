//! Text in the two languages of Panorama.

use serde::{Deserialize, Serialize};

/// A language that screens, problems and documents speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// The best of ours for an `Accept-Language` header (RFC 9110 §12.5.4); English when none fits or the header is odd.
    pub fn negotiate(header: Option<&str>) -> Self {
        let mut best = (0u32, Self::En);
        for item in header.unwrap_or_default().split(',').take(16) {
            let mut parts = item.trim().split(';');
            let lang = match parts.next().unwrap_or_default().split('-').next().unwrap_or_default() {
                tag if tag.eq_ignore_ascii_case("zh") => Self::Zh,
                tag if tag.eq_ignore_ascii_case("en") || tag == "*" => Self::En,
                _ => continue,
            };
            let weight = parts
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(1000, |q| q.parse::<f32>().map_or(0, |q| (q.clamp(0.0, 1.0) * 1000.0) as u32));
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }
}

/// The same text in Chinese and English. Either may be empty, then the other stands in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Localized {
    /// Chinese.
    #[serde(default)]
    pub zh: String,
    /// English.
    #[serde(default)]
    pub en: String,
}

impl Localized {
    /// Both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
    /// What is said of a number outside of its range.
    pub fn between(min: impl std::fmt::Display, max: impl std::fmt::Display) -> Self {
        Self::new(format!("须为 {min} 至 {max}"), format!("must be {min} to {max}"))
    }
    /// The text in `lang`, or in the other language when that is empty.
    pub fn get(&self, lang: Lang) -> &str {
        let (first, second) = match lang {
            Lang::Zh => (&self.zh, &self.en),
            Lang::En => (&self.en, &self.zh),
        };
        if first.is_empty() { second } else { first }
    }
}

/// A text that is the same in both languages: a name, a number, a list of codes.
impl From<&str> for Localized {
    fn from(text: &str) -> Self {
        Self { zh: String::new(), en: text.to_owned() }
    }
}

/// A text that is the same in both languages: a name, a number, a list of codes.
impl From<String> for Localized {
    fn from(text: String) -> Self {
        Self { zh: String::new(), en: text }
    }
}

/// English and Chinese, in the order of the tables of codes.
impl<E: Into<String>, Z: Into<String>> From<(E, Z)> for Localized {
    fn from((en, zh): (E, Z)) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_language_is_negotiated() {
        for (header, lang) in [
            (None, Lang::En),
            (Some("zh-CN,zh;q=0.9,en;q=0.8"), Lang::Zh),
            (Some("en;q=0.5, zh;q=0.8"), Lang::Zh),
            (Some("fr, de"), Lang::En),
            (Some("zh;q=0"), Lang::En),
            (Some(";;;,q=,"), Lang::En),
        ] {
            assert_eq!(Lang::negotiate(header), lang, "{header:?}");
        }
    }
}
