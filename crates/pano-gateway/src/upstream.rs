//! Calls to upstreams: HTTP/1.1 over kept connections (plain, or TLS as [`tls`] says), each used by one call at a time and driven by the task that makes the call.
//!
//! Written on sockets and `httparse` rather than on a client library, because the gateway must know exactly what was sent: a call
//! is repeated on a fresh connection only when it provably did not go out, or when its method is idempotent and no byte of an
//! answer came (RFC 9110 §9.2.2). It also saves the two task switches per call that a library's connection task costs.
//!
//! Invariant: a connection goes back to the pool only after a whole, unambiguously framed answer with nothing behind it.

pub mod body;
pub mod pool;
pub mod target;
pub mod tls;
pub mod wire;

use bytes::Bytes;
use pool::{Connection, Pool};
use std::time::Duration;
use wire::{Answer, Framing};

/// Why a call failed, and what that means for repeating it.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No connection to any target: nothing was sent.
    #[error("no target can be reached")]
    Unreachable,
    /// The upstream broke off before an answer, or its answer is no HTTP. It may have carried the call out.
    #[error("the upstream broke off or its answer makes no sense")]
    Broken,
    /// The caller's body broke off or was refused.
    #[error("the request body broke off")]
    Body,
    /// The caller's body is longer than allowed.
    #[error("the request body is too large")]
    TooLarge,
}

/// A call that is ready to go out.
#[derive(Debug)]
pub struct Call<'c> {
    /// The whole head, up to and with the empty line.
    pub head: &'c [u8],
    /// The whole body, when it has been collected.
    pub body: &'c [u8],
    /// Whether repeating does no harm (RFC 9110 §9.2.2).
    pub idempotent: bool,
    /// Whether the answer has no body whatever its head says.
    pub is_head: bool,
    /// Time to connect.
    pub connect_timeout: Duration,
}

/// An answer whose head has come.
#[derive(Debug)]
pub struct Reply {
    /// Status and headers.
    pub answer: Answer,
    /// The connection, with whatever of the body came along.
    pub connection: Connection,
    /// Whether the request went out whole, so that the connection can be used again.
    pub clean: bool,
}

/// What became of one attempt.
enum Attempt {
    Answered(Box<Reply>),
    /// Provably not carried out.
    NotSent,
    /// No byte of an answer came.
    Silent,
    Broken,
}

impl Pool {
    /// Makes the call on a kept connection, or on a new one. Counts attempts in `attempts`.
    ///
    /// # Errors
    /// As [`CallError`] says.
    pub async fn call(&self, call: &Call<'_>, attempts: &mut u8) -> Result<Box<Reply>, CallError> {
        while let Some(connection) = self.kept() {
            *attempts = attempts.saturating_add(1);
            match attempt(connection, call).await {
                Attempt::Answered(reply) => return Ok(reply),
                // The upstream closed the kept connection while we took it: the usual race.
                Attempt::NotSent => continue,
                Attempt::Silent if call.idempotent => break,
                Attempt::Silent | Attempt::Broken => return Err(CallError::Broken),
            }
        }
        let connection = self.connect(call.connect_timeout).await.map_err(|_| CallError::Unreachable)?;
        *attempts = attempts.saturating_add(1);
        match attempt(connection, call).await {
            Attempt::Answered(reply) => Ok(reply),
            Attempt::NotSent => Err(CallError::Unreachable),
            Attempt::Silent | Attempt::Broken => Err(CallError::Broken),
        }
    }

    /// Makes a call whose body still comes, on a kept or new connection. It is sent once.
    ///
    /// # Errors
    /// As [`CallError`] says.
    pub async fn call_streaming<B: body::Source>(
        &self,
        call: &Call<'_>,
        source: &mut B,
        chunked: bool,
    ) -> Result<Box<Reply>, CallError> {
        // A kept connection may be dead already, and a body that is streamed cannot be sent twice: only a fresh one will do.
        let mut connection = self.connect(call.connect_timeout).await.map_err(|_| CallError::Unreachable)?;
        connection.write_all(call.head).await.map_err(|_| CallError::Unreachable)?;
        let clean = body::send(&mut connection, source, chunked).await?;
        let answer = wire::read_answer(&mut connection, call.is_head).await.map_err(|_| CallError::Broken)?;
        Ok(Box::new(Reply { answer, connection, clean }))
    }
}

async fn attempt(mut connection: Connection, call: &Call<'_>) -> Attempt {
    let (sent, result) = connection.write_both(call.head, call.body).await;
    if result.is_err() {
        // What the kernel took may have reached the upstream.
        return if sent == 0 { Attempt::NotSent } else { Attempt::Silent };
    }
    match wire::read_answer(&mut connection, call.is_head).await {
        Ok(answer) => Attempt::Answered(Box::new(Reply { answer, connection, clean: true })),
        Err(wire::AnswerError::Silent) => Attempt::Silent,
        Err(wire::AnswerError::Broken) => Attempt::Broken,
    }
}

impl Reply {
    /// The length of the body, when the head tells it.
    pub const fn length(&self) -> Option<u64> {
        match self.answer.framing {
            Framing::None => Some(0),
            Framing::Sized(size) => Some(size),
            Framing::Chunked | Framing::Close => None,
        }
    }

    /// Reads a body of known length whole, and gives the connection back to `pool`.
    ///
    /// # Errors
    /// When the upstream breaks off.
    pub async fn collect(mut self: Box<Self>, pool: &Pool) -> Result<(Answer, Bytes), CallError> {
        let size = usize::try_from(self.length().unwrap_or(0)).map_err(|_| CallError::Broken)?;
        let body = self.connection.read_exact(size).await.map_err(|_| CallError::Broken)?;
        if self.clean && self.answer.keep_alive {
            pool.give_back(self.connection);
        }
        Ok((self.answer, body))
    }
}
