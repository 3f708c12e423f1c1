//! Published documents, read once and kept while they are used.

use super::route;
use crate::failure::Error;
use pano_spec::mock::{self, MockAnswer, MockRequest, PreparedMock};
use pano_spec::{Document, Method, Operation};
use pano_store::Store;
use pano_types::id::ApiVersionId;
use pano_types::{Code, Problem};
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
    pub(crate) async fn answer(
        &self,
        store: &dyn Store,
        version: ApiVersionId,
        method: &str,
        path: &str,
        status: Option<u16>,
        request: MockRequest,
    ) -> Result<MockAnswer, Error> {
        let mocked = self.document(store, version).await?;
        let (method, path) =
            (Method::from_member(&method.to_ascii_lowercase()).ok_or(Code::MockOperationUnknown)?, path.to_owned());
        // Compiling a schema can take milliseconds: not on a thread that serves others.
        let made = tokio::task::spawn_blocking(move || mocked.answer(method, &path, status, request));
        made.await.map_err(Error::broken)?
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

impl Mocked {
    fn answer(
        &self,
        method: Method,
        path: &str,
        status: Option<u16>,
        mut request: MockRequest,
    ) -> Result<MockAnswer, Error> {
        let (operation, variables) = self.operation(method, path).ok_or(Code::MockOperationUnknown)?;
        request.path = variables;
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
