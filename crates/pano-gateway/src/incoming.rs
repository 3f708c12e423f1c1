//! Request bodies as phases read them, whatever HTTP they came by.

use crate::http1::{Cut, Pull};
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::BodyExt as _;
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;

/// A request body.
pub enum Incoming {
    /// There is none.
    None,
    /// Read from the connection when asked for.
    Http1(Rc<RefCell<dyn Pull>>),
    /// A stream of HTTP/2.
    Http2(hyper::body::Incoming),
}

impl Incoming {
    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::None => true,
            Self::Http1(_) => false,
            Self::Http2(body) => body.is_end_stream(),
        }
    }

    /// The next piece; `None` at the end. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<Bytes, Cut>> {
        match self {
            Self::None => None,
            Self::Http1(wire) => poll_fn(|cx| wire.borrow_mut().poll_piece(cx)).await,
            Self::Http2(body) => loop {
                let Ok(frame) = body.frame().await? else { return Some(Err(Cut)) };
                let Ok(data) = frame.into_data() else { continue };
                return Some(Ok(data));
            },
        }
    }
}
