//! Bytes to a [`Document`]: encoding, format, limits, tree, references, shape. The one way in.

use crate::code::SpecCode;
use crate::limits::Limits;
use crate::report::{Effect, Finding, Report};
use crate::{check, json, locate, refs, write, yaml};
use serde_json::Value;
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// YAML 1.2.
    Yaml,
    /// JSON.
    Json,
}

impl Format {
    /// JSON when the text begins with a brace or bracket.
    pub(crate) fn detect(text: &str) -> Self {
        match text.trim_start().as_bytes().first() {
            Some(b'{' | b'[') => Self::Json,
            _ => Self::Yaml,
        }
    }
    /// Media type to serve [`Document::export`] with (RFC 9512 for YAML).
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Yaml => "application/yaml",
            Self::Json => "application/json",
        }
    }
}

/// The dialect of OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 3.0.x: its own schema dialect.
    V3_0,
    /// 3.1.x: JSON Schema 2020-12.
    V3_1,
}

/// Why a document was refused: the first finding is the refusal, the others may be more refusals, repairs and notes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .findings.first().map(ToString::to_string).unwrap_or_default())]
pub struct ReadError {
    findings: Vec<Finding>,
}

impl ReadError {
    fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.effect != Effect::Refused);
        Self { findings }
    }
    /// The code of the first refusal.
    pub fn code(&self) -> SpecCode {
        self.findings.first().map_or(SpecCode::Syntax, |finding| finding.code)
    }
    /// Everything found, refusals first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
    /// As an import report.
    pub fn report(&self, file: Option<String>) -> Report {
        Report::new(file, self.findings.clone())
    }
}

impl From<Finding> for ReadError {
    fn from(finding: Finding) -> Self {
        Self { findings: vec![finding] }
    }
}

/// An OpenAPI document that was read, checked and where necessary mended.
#[derive(Debug, Clone)]
pub struct Document {
    source: Arc<[u8]>,
    format: Format,
    version: Version,
    root: Value,
    findings: Vec<Finding>,
}

impl Document {
    /// Reads one document that refers to no other file, with the default [`Limits`].
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        Self::read_with(bytes, &Limits::default())
    }

    /// Reads one document that refers to no other file.
    pub fn read_with(bytes: &[u8], limits: &Limits) -> Result<Self, ReadError> {
        read(bytes, None, limits)
    }

    /// Reads `file` (a path below `folder`); its references may lead to other files below `folder`.
    pub fn read_file(folder: &Path, file: &str, limits: &Limits) -> Result<Self, ReadError> {
        let full = refs::inside(folder, file).map_err(|code| match code {
            SpecCode::FileSymlink => Finding::refused(SpecCode::FileSymlink, "", file),
            _ => Finding::refused(SpecCode::FileUnreadable, "", file),
        })?;
        let length = full.metadata().map_or(0, |meta| meta.len());
        if length > limits.bytes as u64 {
            return Err(too_large(length, limits).into());
        }
        let bytes = std::fs::read(full).map_err(|e| Finding::refused(SpecCode::FileUnreadable, "", &e.to_string()))?;
        read(&bytes, Some((folder, file)), limits)
    }

    /// The bytes as they came in, to the last.
    pub fn export(&self) -> &[u8] {
        &self.source
    }
    /// How it was written.
    pub fn format(&self) -> Format {
        self.format
    }
    /// Its dialect.
    pub fn version(&self) -> Version {
        self.version
    }
    /// The tree after mending, in the order of the source.
    pub fn root(&self) -> &Value {
        &self.root
    }
    /// The tree as JSON, indented, keys in order.
    pub fn to_json(&self) -> String {
        // A tree of text keys and finite numbers always has a JSON form; Display of Value cannot fail.
        format!("{:#}", self.root)
    }
    /// The tree as YAML, keys in order.
    pub fn to_yaml(&self) -> String {
        write::yaml(&self.root)
    }
    /// What was mended or noted while reading.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
    /// `info.title`.
    pub fn title(&self) -> &str {
        self.info("title")
    }
    /// `info.version`: the version of the API, not of OpenAPI.
    pub fn api_version(&self) -> &str {
        self.info("version")
    }
    /// `info.description`.
    pub fn description(&self) -> &str {
        self.info("description")
    }
    fn info(&self, member: &str) -> &str {
        self.root.get("info").and_then(|info| info.get(member)).and_then(Value::as_str).unwrap_or_default()
    }
    /// The import report.
    pub fn report(&self, file: Option<String>) -> Report {
        let mut report = Report::new(file, self.findings.clone());
        report.title = Some(self.title().to_owned());
        report.version = Some(self.api_version().to_owned());
        report.operations = self.operations().len();
        report
    }
    /// Line and column (from 1) of each pointer in the source, in the order asked; the nearest ancestor's for one that is not written there.
    pub fn lines(&self, pointers: &[&str]) -> Vec<Option<(u32, u32)>> {
        let Ok((text, _)) = text_of(&self.source, &Limits { bytes: usize::MAX, ..Limits::default() }) else {
            return vec![None; pointers.len()];
        };
        let mended = if self.format == Format::Yaml { yaml::indent_flow_ends(text) } else { None };
        let spots = locate::find(mended.as_ref().map_or(text, |(text, _)| text), self.format, pointers);
        let spot = |pointer: &&str| {
            spots.get(*pointer).and_then(|s| Some((u32::try_from(s.line).ok()?, u32::try_from(s.column).ok()?)))
        };
        pointers.iter().map(spot).collect()
    }
}

fn too_large(length: u64, limits: &Limits) -> Finding {
    Finding::refused(SpecCode::TooLarge, "", &format!("{length} bytes, limit {}", limits.bytes))
}

fn read(bytes: &[u8], place: Option<(&Path, &str)>, limits: &Limits) -> Result<Document, ReadError> {
    let (text, bom) = text_of(bytes, limits)?;
    if text.trim().is_empty() {
        return Err(Finding::refused(SpecCode::Empty, "", "").into());
    }
    let mut findings = Vec::new();
    let mut text = Cow::Borrowed(text);
    let mut read = tree(&text, Format::detect(&text), limits);
    if let (Err(finding), Some((mended, lines))) = (&read, yaml::indent_flow_ends(&text)) {
        let line = finding.line.and_then(|line| usize::try_from(line).ok()).unwrap_or_default();
        if finding.code == SpecCode::Syntax && lines.contains(&line) {
            let again = tree(&mended, Format::Yaml, limits);
            if again.is_ok() {
                let count = format!("{} lines", lines.len());
                findings.push(Finding::repaired(SpecCode::FlowEnd, "", &count).at(line, 1));
                text = Cow::Owned(mended);
            }
            read = again;
        }
    }
    let text: &str = &text;
    let (mut root, format) = match read {
        Ok(read) => read,
        Err(finding) if finding.code == SpecCode::Syntax && !mentions_openapi(text) => {
            return Err(Finding::refused(SpecCode::NotOpenApi, "", &what_it_is(text)).into());
        }
        Err(finding) if finding.code == SpecCode::ManyDocuments && !mentions_openapi(text) => {
            return Err(Finding::refused(SpecCode::NotOpenApi, "", &what_it_is(text)).into());
        }
        Err(finding) => return Err(finding.into()),
    };
    if bom {
        findings.push(Finding::repaired(SpecCode::Bom, "", "").at(1, 1));
    }
    let version = version(&mut root, text, format, &mut findings)?;
    if let Some((folder, file)) = place {
        refs::bundle(&mut root, folder, file, limits)?;
    }
    let checked = check::check(&mut root, version, limits, |pointers| locate::find(text, format, pointers));
    findings.extend(checked);
    let refused = findings.iter().any(|finding| finding.effect == Effect::Refused);
    if refused {
        return Err(ReadError::new(findings));
    }
    Ok(Document { source: bytes.into(), format, version, root, findings })
}

/// The text without its byte order mark, and whether there was one.
pub(crate) fn text_of<'b>(bytes: &'b [u8], limits: &Limits) -> Result<(&'b str, bool), Finding> {
    if bytes.len() > limits.bytes {
        return Err(too_large(bytes.len() as u64, limits));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let column = before.len() - before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1) + 1;
        Finding::refused(SpecCode::Encoding, "", "").at(line, column)
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or((text, false), |rest| (rest, true)))
}

/// The tree and the format it turned out to have: text in braces may be JSON or YAML's flow style.
pub(crate) fn tree(text: &str, format: Format, limits: &Limits) -> Result<(Value, Format), Finding> {
    match format {
        Format::Yaml => yaml::parse(text, limits).map(|value| (value, Format::Yaml)),
        Format::Json => match json::parse(text, limits) {
            Ok(value) => Ok((value, Format::Json)),
            Err(finding) if finding.code == SpecCode::Syntax => {
                yaml::parse(text, limits).map(|v| (v, Format::Yaml)).map_err(|_| finding)
            }
            Err(finding) => Err(finding),
        },
    }
}

fn mentions_openapi(text: &str) -> bool {
    text.lines().take(2000).any(|line| {
        let line = line.trim_start_matches([' ', '\t', '{', '"', '\'']);
        line.starts_with("openapi\"")
            || line.starts_with("openapi'")
            || line.starts_with("openapi:")
            || line.starts_with("openapi :")
    })
}

fn what_it_is(text: &str) -> String {
    let start = text.trim_start();
    if start.starts_with("<?xml") || start.starts_with("<xs") {
        "it is XML".to_owned()
    } else if start.starts_with('#') {
        "it reads like Markdown".to_owned()
    } else {
        "it has no member openapi".to_owned()
    }
}

fn version(root: &mut Value, text: &str, format: Format, findings: &mut Vec<Finding>) -> Result<Version, ReadError> {
    let Value::Object(map) = root else {
        return Err(Finding::refused(SpecCode::NotOpenApi, "", &what_it_is(text)).into());
    };
    let written = match map.get("openapi") {
        Some(Value::String(version)) => version.clone(),
        Some(Value::Number(number)) => {
            let raw = locate::find(text, format, &["/openapi"]).remove("/openapi").and_then(|spot| spot.raw);
            let version = raw.unwrap_or_else(|| number.to_string());
            findings.push(Finding::repaired(SpecCode::VersionNotText, "/openapi", &version));
            map.insert("openapi".to_owned(), Value::String(version.clone()));
            version
        }
        Some(_) => {
            return Err(Finding::refused(SpecCode::Version, "/openapi", "it is neither text nor a number").into());
        }
        None => return Err(Finding::refused(SpecCode::NotOpenApi, "", &other_family(map)).into()),
    };
    let mut parts = written.split(['.', '-']);
    match (parts.next(), parts.next()) {
        (Some("3"), Some("0")) => Ok(Version::V3_0),
        (Some("3"), Some("1")) => Ok(Version::V3_1),
        _ => Err(Finding::refused(SpecCode::Version, "/openapi", &crate::report_text(&written)).into()),
    }
}

fn other_family(map: &serde_json::Map<String, Value>) -> String {
    for (member, name) in [
        ("asyncapi", "it is an AsyncAPI document"),
        ("swagger", "it is a Swagger 2 document"),
        ("arazzo", "it is an Arazzo document"),
    ] {
        if map.contains_key(member) {
            return name.to_owned();
        }
    }
    if map.contains_key("$schema") || map.contains_key("testGroups") {
        return "it is another kind of JSON".to_owned();
    }
    "it has no member openapi".to_owned()
}
