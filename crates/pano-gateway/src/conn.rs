//! What the requests of one downstream connection share.

use pano_types::Code;
use std::cell::Cell;
use std::net::IpAddr;

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
    calls: Cell<u64>,
    /// Why, and the how-manieth request.
    refused: Cell<Option<(Code, u64)>>,
}

impl Conn {
    /// A connection from `peer`.
    pub fn new(peer: IpAddr, tls: bool, certificate: Option<Box<str>>) -> Self {
        Self {
            peer,
            peer_text: peer.to_string().into(),
            tls,
            certificate,
            calls: Cell::new(0),
            refused: Cell::new(None),
        }
    }

    /// A request begins; its number on this connection, from 1.
    pub fn begin(&self) -> u64 {
        self.calls.set(self.calls.get() + 1);
        self.calls.get()
    }

    /// The connection refused request number `call`, or its body.
    pub fn refuse(&self, code: Code, call: u64) {
        self.refused.set(Some((code, call)));
    }

    /// Why the connection refused request number `call`, if it did.
    pub fn refusal(&self, call: u64) -> Option<Code> {
        self.refused.get().filter(|(_, refused)| *refused == call).map(|(code, _)| code)
    }
}
