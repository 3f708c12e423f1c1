//! One path template, in segments.

use super::PARAMETERS_MAX;
use std::cmp::Reverse;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// As it was written.
    pub text: Box<str>,
    /// Names of its parameters, from the left.
    pub names: Box<[Box<str>]>,
    pub(super) segments: Vec<Segment>,
}

/// One segment of a template. Equal segments match the same texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// This text.
    Literal(Box<str>),
    /// Literals with parameters between: `n + 1` literals (the first and the last may be empty) around `n` parameters.
    Mixed(Box<[Box<str>]>),
    /// Any one segment, not empty.
    Parameter,
    /// All that is left, of any number of segments.
    Tail,
}

/// Why a template was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It does not begin with a slash.
    #[error("the path template must be empty or begin with /")]
    Relative,
    /// Braces do not match, or hold nothing.
    #[error("the braces of the path template do not match")]
    Braces,
    /// Two parameters with nothing between them.
    #[error("two parameters of the path template touch each other")]
    Touching,
    /// A tail that is not last.
    #[error("a tail must be the last segment")]
    TailNotLast,
    /// More parameters than a router keeps.
    #[error("the path template has more than 16 parameters")]
    TooMany,
}

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut names = Vec::new();
        let mut segments = Vec::new();
        if !text.is_empty() {
            for segment in text.strip_prefix('/').ok_or(TemplateError::Relative)?.split('/') {
                if segments.last() == Some(&Segment::Tail) {
                    return Err(TemplateError::TailNotLast);
                }
                segments.push(Segment::parse(segment, &mut names)?);
            }
        }
        if names.len() > PARAMETERS_MAX {
            return Err(TemplateError::TooMany);
        }
        Ok(Self { text: text.into(), names: names.into(), segments })
    }
}

impl Segment {
    fn parse(text: &str, names: &mut Vec<Box<str>>) -> Result<Self, TemplateError> {
        if text == "*" || (text.starts_with("{+") && text.ends_with('}')) {
            names.push(text.trim_matches(['{', '}', '+', '*']).into());
            return Ok(Self::Tail);
        }
        let mut literals: Vec<Box<str>> = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(TemplateError::Braces)?;
            if name.is_empty() || name.contains('{') || literal.contains('}') {
                return Err(TemplateError::Braces);
            }
            if literal.is_empty() && !literals.is_empty() {
                return Err(TemplateError::Touching);
            }
            literals.push(literal.into());
            names.push(name.into());
            rest = after;
        }
        if rest.contains('}') {
            return Err(TemplateError::Braces);
        }
        if literals.is_empty() {
            // Literals are compared with paths in normal form, so they are brought into it; what no path can hold stays as it is.
            let normal = crate::path::normalise(&format!("/{rest}"))
                .map_or(rest.into(), |n| n.get(1..).unwrap_or_default().into());
            return Ok(Self::Literal(normal));
        }
        literals.push(rest.into());
        if literals.len() == 2 && literals.concat().is_empty() {
            return Ok(Self::Parameter);
        }
        Ok(Self::Mixed(literals.into()))
    }

    /// Orders mixed segments: more literal text first, then fewer parameters, then by text.
    pub(super) fn rank(&self) -> (Reverse<usize>, usize, &[Box<str>]) {
        match self {
            Self::Mixed(literals) => (Reverse(literals.iter().map(|l| l.len()).sum()), literals.len(), literals),
            Self::Literal(_) | Self::Parameter | Self::Tail => (Reverse(0), 0, &[]),
        }
    }

    /// Matches a mixed segment and reports its parameters' byte ranges. Each parameter is as short as it can be (never
    /// empty), the last takes what is left.
    pub(super) fn capture(&self, text: &str, mut found: impl FnMut(usize, usize)) -> bool {
        let Self::Mixed(literals) = self else { return false };
        let Some(((first, last), inner)) = literals
            .split_first()
            .and_then(|(first, rest)| rest.split_last().map(|(last, inner)| ((first, last), inner)))
        else {
            return false;
        };
        let Some(end) = text.strip_suffix(&**last).map(str::len) else { return false };
        if !text.starts_with(&**first) {
            return false;
        }
        let mut from = first.len();
        for literal in inner {
            // The parameter before the literal holds at least one character.
            let mut start = from + 1;
            while !text.is_char_boundary(start) && start < end {
                start += 1;
            }
            let Some(at) = text.get(start..end).and_then(|rest| rest.find(&**literal)) else { return false };
            found(from, start + at);
            from = start + at + literal.len();
        }
        if from >= end {
            return false;
        }
        found(from, end);
        true
    }
}
