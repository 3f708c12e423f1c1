//! Published documents, read once and kept while they are used.

use super::place::{Place, place};
use super::{Asked, route};
use crate::failure::Error;
use pano_spec::mock::{self, MockAnswer, MockRequest, PreparedMock};
use pano_spec::{Document, Method, Operation};
use pano_store::Store;
use pano_types::id::ApiVersionId;
use pano_types::{Code, Problem};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Documents kept, by their source's size in bytes; one that is larger is kept alone. Parsed they take about ten times that.
const KEPT_BYTES: usize = 4 * 1024 * 1024;

/// Operations prepared of one document.
const PREPARED_MAX: usize = 2_000;

/// Read documents, the latest used last.
#[derive(Debug, Default)]
pub(crate) struct Library(Mutex<Vec<Arc<Mocked>>>);

/// An operation's key and the status asked for.
type Wanted = (String, Option<u16>);

/// One document with what has been prepared of it.
#[derive(Debug)]
struct Mocked {
    sha256: String,
    document: Document,
    /// By operation and asked status; emptied when [`PREPARED_MAX`] is reached, as only asking for hundreds of statuses can.
    prepared: Mutex<HashMap<Wanted, Arc<PreparedMock>>>,
}

impl Library {
    /// Answers a request for an operation of a served version. `path` is the operation's, with its leading slash.
    ///
    /// # Errors
    /// `mock.*` when version, operation or response is not known.
    pub(super) async fn answer(
        &self,
        store: &dyn Store,
        asked: Asked<'_>,
        status: Option<u16>,
    ) -> Result<MockAnswer, Error> {
        let mocked = self.document(store, asked.version).await?;
        let (method, path, request) = (method(asked.method)?, asked.path.to_owned(), asked.request);
        // Compiling a schema can take milliseconds: not on a thread that serves others.
        let made = tokio::task::spawn_blocking(move || mocked.answer(method, &path, status, request));
        made.await.map_err(Error::broken)?
    }

    /// The same with `thing` as the body where the contract allows it, else with as much of it as it allows.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub(super) async fn answer_with(
        &self,
        store: &dyn Store,
        asked: Asked<'_>,
        thing: Value,
    ) -> Result<MockAnswer, Error> {
        let mocked = self.document(store, asked.version).await?;
        let (method, path, request) = (method(asked.method)?, asked.path.to_owned(), asked.request);
        let made = tokio::task::spawn_blocking(move || mocked.answer_with(method, &path, request, thing));
        made.await.map_err(Error::broken)?
    }

    /// What a request does to the thing that its path names.
    ///
    /// # Errors
    /// When version or operation is not known.
    pub(super) async fn place(
        &self,
        store: &dyn Store,
        version: ApiVersionId,
        verb: &str,
        path: &str,
    ) -> Result<Option<Place>, Error> {
        let mocked = self.document(store, version).await?;
        let method = method(verb)?;
        let (operation, _) = mocked.operation(method, path).ok_or(Code::MockOperationUnknown)?;
        let all: Vec<&str> = mocked.document.operations().iter().map(|other| other.path).collect();
        Ok(place(method, operation.path, path, &all))
    }

    async fn document(&self, store: &dyn Store, version: ApiVersionId) -> Result<Arc<Mocked>, Error> {
        let mut unit = store.read().await?;
        let found = unit.version_find(version).await?;
        let found = found.filter(|version| version.state.stage().served()).ok_or(Code::MockVersionUnknown)?;
        let sha256 = found.document.sha256;
        if let Some(known) = self.known(&sha256) {
            return Ok(known);
        }
        let content = unit.document_find(&sha256).await?;
        let content = content.ok_or_else(|| Error::broken(format!("the document of {version} is missing")))?;
        drop(unit);
        let read = tokio::task::spawn_blocking(move || Document::read(content.as_bytes()));
        let document = read.await.map_err(Error::broken)?.map_err(Error::broken)?;
        Ok(self.keep(Mocked { sha256, document, prepared: Mutex::default() }))
    }

    fn known(&self, sha256: &str) -> Option<Arc<Mocked>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|mocked| mocked.sha256 == sha256)?;
        let found = kept.remove(place);
        kept.push(Arc::clone(&found));
        Some(found)
    }

    fn keep(&self, mocked: Mocked) -> Arc<Mocked> {
        let mocked = Arc::new(mocked);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|other| other.sha256 != mocked.sha256);
        let mut bytes: usize = mocked.document.export().len();
        bytes += kept.iter().map(|other| other.document.export().len()).sum::<usize>();
        while bytes > KEPT_BYTES && !kept.is_empty() {
            bytes -= kept.remove(0).document.export().len();
        }
        kept.push(Arc::clone(&mocked));
        mocked
    }
}

fn method(text: &str) -> Result<Method, Error> {
    Method::from_member(&text.to_ascii_lowercase()).ok_or_else(|| Code::MockOperationUnknown.into())
}

impl Mocked {
    fn answer_with(
        &self,
        method: Method,
        path: &str,
        mut request: MockRequest,
        thing: Value,
    ) -> Result<MockAnswer, Error> {
        let (operation, variables) = self.operation(method, path).ok_or(Code::MockOperationUnknown)?;
        let prepared = self.prepared(&operation, None)?;
        (request.path, request.body) = (variables, Some(thing.clone()));
        let mut made = prepared.answer(&request).map_err(Error::broken)?;
        let whole = thing.to_string();
        if made.media_type.is_some() && prepared.accepts(&whole) {
            made.body = whole;
        }
        Ok(made)
    }

    fn answer(
        &self,
        method: Method,
        path: &str,
        status: Option<u16>,
        mut request: MockRequest,
    ) -> Result<MockAnswer, Error> {
        let (operation, variables) = self.operation(method, path).ok_or(Code::MockOperationUnknown)?;
        // A name chosen for what is made comes after those of the path.
        request.path.splice(0..0, variables);
        let prepared = self.prepared(&operation, status)?;
        prepared.answer(&request).map_err(Error::broken)
    }

    fn operation(&self, method: Method, path: &str) -> Option<(Operation<'_>, Vec<(String, String)>)> {
        let fits = self.document.operations().into_iter().filter(|operation| operation.method == method);
        fits.filter_map(|operation| Some((route::variables(operation.path, path)?, operation)))
            .min_by_key(|(_, operation)| route::rank(operation.path))
            .map(|(variables, operation)| (operation, variables))
    }

    fn prepared(&self, operation: &Operation<'_>, status: Option<u16>) -> Result<Arc<PreparedMock>, Error> {
        let key = (operation.key(), status);
        if let Some(known) = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(known));
        }
        let prepared = match status {
            None => mock::prepare(&self.document, operation),
            Some(status) => mock::prepare_status(&self.document, operation, status),
        };
        let prepared = Arc::new(prepared.map_err(refused)?);
        let mut kept = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= PREPARED_MAX {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&prepared));
        Ok(prepared)
    }
}

fn refused(error: mock::MockError) -> Error {
    match error {
        mock::MockError::NoResponse => Problem::new(Code::MockResponseUnknown).into(),
        mock::MockError::Unsatisfied { .. } | mock::MockError::Schema(_) => Error::broken(error),
    }
}
