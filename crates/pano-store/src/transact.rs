//! The one wrapper that repeats a transaction.

use crate::{Store, StoreError, UnitOfWork};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;

/// Tries of one transaction before [`StoreError::Busy`] is given back.
const ATTEMPTS: u32 = 12;

/// Errors that a transaction's body may return: the store's own, or an application's that can hold one.
pub trait TransactError: From<StoreError> {
    /// The store's error inside, if that is what it is.
    fn store_error(&self) -> Option<&StoreError>;
}

impl TransactError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// The unit of work lent to a transaction's body. (The second lifetime lets the body borrow from its surroundings.)
pub struct Work<'u, 'env: 'u> {
    unit: &'u mut (dyn UnitOfWork + 'static),
    env: PhantomData<&'u &'env ()>,
}

impl Deref for Work<'_, '_> {
    type Target = dyn UnitOfWork;
    fn deref(&self) -> &Self::Target {
        self.unit
    }
}

impl DerefMut for Work<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.unit
    }
}

/// What a transaction's body returns.
pub type WorkFuture<'u, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'u>>;

/// Runs `body` in a write transaction and saves it; repeats both, a bounded number of times, when the database says
/// [`StoreError::Busy`] (a lost race, a deadlock, a full queue). `body` may thus run several times: it must have no other
/// effect than on the unit it is given. An error from `body` saves nothing.
///
/// ```ignore
/// let token = transact(store, |mut work| {
///     Box::pin(async move {
///         work.operator_add(operator).await?;
///         work.audit_append(link).await
///     })
/// })
/// .await?;
/// ```
pub async fn transact<'env, T, E, F>(store: &dyn Store, mut body: F) -> Result<T, E>
where
    E: TransactError,
    F: for<'u> FnMut(Work<'u, 'env>) -> WorkFuture<'u, T, E> + Send,
    T: Send,
{
    let mut attempt = 0;
    loop {
        match once(store, &mut body).await {
            Err(error) if attempt + 1 < ATTEMPTS && error.store_error().is_some_and(StoreError::retriable) => {
                store.pause(attempt).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn once<'env, T, E, F>(store: &dyn Store, body: &mut F) -> Result<T, E>
where
    E: TransactError,
    F: for<'u> FnMut(Work<'u, 'env>) -> WorkFuture<'u, T, E> + Send,
{
    let mut unit = store.begin().await?;
    let value = body(Work { unit: unit.as_mut(), env: PhantomData }).await?;
    unit.save().await?;
    Ok(value)
}
