//! What the requests of one downstream connection share.

use pano_types::Code;
use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;

/// A downstream connection.
#[derive(Debug)]
pub struct Conn {
    /// Address of the peer.
    pub peer: IpAddr,
    /// The same as text.
    pub peer_text: Box<str>,
    /// Whether it is TLS.
    pub tls: bool,
    /// SHA-256 (hex) of the client's certificate, when it sent one.
    pub certificate: Option<Box<str>>,
    scratch: Rc<RefCell<Box<[u8]>>>,
    calls: Cell<u64>,
    busy: Cell<u32>,
    /// Why, and the how-manieth request.
    refused: Cell<Option<(Code, u64)>>,
}

impl Conn {
    /// A connection from `peer`. `scratch` is the worker's read buffer.
    pub fn new(peer: IpAddr, tls: bool, certificate: Option<Box<str>>, scratch: Rc<RefCell<Box<[u8]>>>) -> Self {
        Self {
            peer,
            peer_text: peer.to_string().into(),
            tls,
            certificate,
            scratch,
            calls: Cell::new(0),
            busy: Cell::new(0),
            refused: Cell::new(None),
        }
    }

    /// The worker's read buffer.
    pub const fn scratch(&self) -> &Rc<RefCell<Box<[u8]>>> {
        &self.scratch
    }

    /// A request begins; its number on this connection, from 1.
    pub fn begin(&self) -> u64 {
        self.busy.set(self.busy.get() + 1);
        self.calls.set(self.calls.get() + 1);
        self.calls.get()
    }

    /// A request is answered.
    pub fn finish(&self) {
        self.busy.set(self.busy.get().saturating_sub(1));
    }

    /// Whether a request is being answered.
    pub fn is_busy(&self) -> bool {
        self.busy.get() > 0
    }

    /// The guard refused request number `call`, or its body.
    pub fn refuse(&self, code: Code, call: u64) {
        self.refused.set(Some((code, call)));
    }

    /// Why the guard refused request number `call`, if it did.
    pub fn refusal(&self, call: u64) -> Option<Code> {
        self.refused.get().filter(|(_, refused)| *refused == call).map(|(code, _)| code)
    }
}
