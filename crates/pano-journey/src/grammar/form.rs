//! Forms of text, each a pattern that the JSON Schema shows and the reader applies.

use regex::Regex;
use std::sync::OnceLock;

macro_rules! forms {
    ($($variant:ident = $pattern:literal, $example:literal, $about:literal;)*) => {
        /// A form of text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "a variant is explained by its texts")]
        pub enum Form { $($variant),* }

        impl Form {
            /// All of them.
            pub const ALL: &'static [Form] = &[$(Form::$variant),*];
            /// A regular expression, the same in Rust and ECMA 262.
            pub const fn pattern(self) -> &'static str {
                match self { $(Form::$variant => $pattern),* }
            }
            /// A text of the form.
            pub const fn example(self) -> &'static str {
                match self { $(Form::$variant => $example),* }
            }
            /// What it is, in a few words.
            pub const fn about(self) -> &'static str {
                match self { $(Form::$variant => $about),* }
            }
        }
    };
}

forms! {
    Free = r"^[\s\S]+$", "any text", "text";
    Slug = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "going-abroad", "words in lower case joined by hyphens";
    Name = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", "quote_fx", "words in lower case joined by underscores";
    EventName = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", "fx.quoted", "names joined by dots";
    Trigger = r"^(\*|[a-z][a-z0-9_]*(\.[a-z0-9_]+)*(\.\*)?)$", "fx.quoted", "an event, its first names, or *";
    Target = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", "quoted", "a state of the same region, or a path of names";
    Version = r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$", "1.2.0", "three numbers (semantic versioning)";
    Duration = r"^P([0-9]{1,5}W|[0-9]{1,5}D(T([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,6}S)?)?|T([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,6}S)?)$", "PT15M", "an ISO 8601 duration of weeks, days, hours, minutes, seconds";
    DataPath = r"^data(\.[A-Za-z_][A-Za-z0-9_]*)+$", "data.pnr", "a member of the event's data";
    Cel = r"^[\s\S]+$", "data.amount > 100", "a CEL expression";
    File = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*\.json$", "fx-ask.json", "a JSON Schema beside the journey";
    Bian = r"^[A-Za-z]+/[A-Z][A-Za-z]*$", "CurrencyExchange/InitiateQuote", "service domain and operation of BIAN";
    Capability = r"^[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)*$", "technology/security/face", "a path in the capability library";
    Path = r"^/[A-Za-z0-9/{}._-]*$", "/fx-quotes", "a path, variables in braces";
    Operation = r"^[a-z][A-Za-z0-9]*$", "quoteTravelMoney", "an operationId";
    Scope = r"^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$", "fx.quote", "an OAuth scope";
    Rate = r"^[1-9][0-9]{0,8}/(s|min|h|day)$", "30/min", "a number a time";
    Span = r"^[^\s]+$", "fx.quoted->fx.bought", "two events joined by ->";
    Iso20022 = r"^[A-Za-z][A-Za-z0-9.]+$", "ActiveCurrencyAndAmount", "a component or message of ISO 20022";
}

impl Form {
    /// Longest text of the form, characters.
    pub const fn longest(self) -> usize {
        match self {
            Self::Free => 4_000,
            Self::Cel => 1_000,
            _ => 200,
        }
    }

    /// Whether `text` has the form.
    pub fn fits(self, text: &str) -> bool {
        if text.chars().count() > self.longest() {
            return false;
        }
        static COMPILED: OnceLock<Vec<Option<Regex>>> = OnceLock::new();
        let compiled = COMPILED.get_or_init(|| Self::ALL.iter().map(|form| Regex::new(form.pattern()).ok()).collect());
        compiled.get(self as usize).and_then(Option::as_ref).is_some_and(|pattern| pattern.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn every_example_fits_its_own_form() {
        for form in Form::ALL {
            assert!(form.fits(form.example()), "{form:?}");
            assert!(!form.fits(""), "{form:?}");
        }
    }

    #[test]
    fn forms_refuse_what_looks_like_them() {
        let cases = [
            (Form::Name, "Quote"),
            (Form::Name, "a__b"),
            (Form::EventName, "fx"),
            (Form::Version, "1.2"),
            (Form::Duration, "P1M"),
            (Form::Duration, "15 min"),
            (Form::Bian, "CurrencyExchange"),
            (Form::File, "../x.json"),
            (Form::File, "x.yaml"),
            (Form::Path, "fx"),
            (Form::Rate, "0/min"),
            (Form::Free, &"x".repeat(4_001)),
        ];
        for (form, text) in cases {
            assert!(!form.fits(text), "{form:?} {text}");
        }
    }
}
