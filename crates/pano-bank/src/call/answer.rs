//! What is answered when a call was carried out.

use super::Refusal;
use crate::keys::Keys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pano_types::id::WebhookEndpointId;
use serde::{Deserialize, Serialize};

/// A status, headers, and a body in a media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Lower-case names.
    pub(crate) headers: Vec<(String, String)>,
    /// None: no body.
    pub(crate) media: Option<String>,
    pub(crate) body: String,
    /// Which secret the body is told with, when it goes out.
    pub(crate) shows: Option<Shown>,
    /// Carried out, but not to be told in time: a test number says so.
    pub(crate) silent: bool,
}

/// A secret of an endpoint, named and not told: what is kept of an answer can sign nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shown {
    pub(crate) endpoint: WebhookEndpointId,
    pub(crate) generation: u32,
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
        Self { status: 204, headers: Vec::new(), media: None, body: String::new(), shows: None, silent: false }
    }

    /// Another status with JSON.
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Result<Self, Refusal> {
        let body = serde_json::to_string(body).map_err(Refusal::broken)?;
        let media = Some("application/json".to_owned());
        Ok(Self { status, headers: Vec::new(), media, body, shows: None, silent: false })
    }

    /// `200` with text in another media type, such as `application/xml`.
    pub(crate) fn text(media: impl Into<String>, body: impl Into<String>) -> Self {
        let (media, body) = (Some(media.into()), body.into());
        Self { status: 200, headers: Vec::new(), media, body, shows: None, silent: false }
    }

    /// With a secret that the body is told with.
    pub(crate) fn shows(mut self, shown: Option<Shown>) -> Self {
        self.shows = shown;
        self
    }

    /// As it goes out: with the secret that it shows as the member `secret`.
    ///
    /// # Errors
    /// When the bank has no secret, or the body is no JSON object.
    pub(crate) fn told(mut self, keys: &Keys) -> Result<Self, Refusal> {
        if let Some(Shown { endpoint, generation }) = self.shows.take() {
            let secret = keys.endpoint_secret(&endpoint.to_string(), generation)?;
            let mut body: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(&self.body).map_err(Refusal::broken)?;
            body.insert("secret".to_owned(), format!("whsec_{}", STANDARD.encode(secret.as_slice())).into());
            self.body = serde_json::to_string(&body).map_err(Refusal::broken)?;
        }
        Ok(self)
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
