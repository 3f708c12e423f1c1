//! What is answered when a call was carried out.

use super::Refusal;
use serde::Serialize;

/// A status, headers, and a body in a media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Lower-case names.
    pub(crate) headers: Vec<(String, String)>,
    /// None: no body.
    pub(crate) media: Option<String>,
    pub(crate) body: String,
    /// Carried out, but not to be told in time: a test number says so.
    pub(crate) silent: bool,
}

impl Answer {
    /// `200` with JSON.
    pub(crate) fn ok(body: &impl Serialize) -> Result<Self, Refusal> {
        Self::json(200, body)
    }

    /// `201` with JSON, and where what was made can be read, relative to the API.
    pub(crate) fn created(location: impl Into<String>, body: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self::json(201, body)?.header("location", location))
    }

    /// `204`.
    pub(crate) const fn none() -> Self {
        Self { status: 204, headers: Vec::new(), media: None, body: String::new(), silent: false }
    }

    /// Another status with JSON.
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Result<Self, Refusal> {
        let body = serde_json::to_string(body).map_err(Refusal::broken)?;
        Ok(Self { status, headers: Vec::new(), media: Some("application/json".to_owned()), body, silent: false })
    }

    /// `200` with text in another media type, such as `application/xml`.
    pub(crate) fn text(media: impl Into<String>, body: impl Into<String>) -> Self {
        Self { status: 200, headers: Vec::new(), media: Some(media.into()), body: body.into(), silent: false }
    }

    /// Not told in time.
    pub(crate) fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// With a header; its name in lower case.
    pub(crate) fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}
