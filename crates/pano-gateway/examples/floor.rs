//! A yardstick, not a product: a forwarder that does nothing. It neither reads heads nor checks anything; what one side sends is given to
//! the other, a connection upstream for each connection from below, on one thread. What it costs is what the kernel costs, so no proxy
//! with sockets can be much cheaper, and `./dev bench --peers` shows how far ours is above it.
//!
//!     floor LISTEN UPSTREAM      (`127.0.0.1:21108 127.0.0.1:21080`)
//!
//! Only for the load of the peers' kit: what does not fit into a socket's buffer at once ends the connection.

use anyhow::Context as _;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use std::io::{ErrorKind, Read as _, Write as _};

/// As many connections at once as the kit may open.
const CONNECTIONS: usize = 4_096;
const LISTENER: Token = Token(usize::MAX);

/// Two ends: below at 0, upstream at 1. A token is twice the pair's place, plus the end.
type Pair = [TcpStream; 2];

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let listen = arguments.next().context("LISTEN is missing")?.parse()?;
    let upstream = arguments.next().context("UPSTREAM is missing")?.parse()?;
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind(listen)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut pairs: Vec<Option<Pair>> = (0..CONNECTIONS).map(|_| None).collect();
    let mut buffer = vec![0; 65_536];
    let mut events = Events::with_capacity(256);
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((below, _)) = listener.accept() {
                    let Some(free) = pairs.iter().position(Option::is_none) else { continue };
                    below.set_nodelay(true)?;
                    let above = TcpStream::connect(upstream)?;
                    above.set_nodelay(true)?;
                    let mut pair = [below, above];
                    for (end, stream) in pair.iter_mut().enumerate() {
                        poll.registry().register(stream, Token(2 * free + end), Interest::READABLE)?;
                    }
                    if let Some(place) = pairs.get_mut(free) {
                        *place = Some(pair);
                    }
                }
            } else if let Some(place) = pairs.get_mut(event.token().0 / 2)
                && let Some(pair) = place
                && !give(pair, event.token().0 % 2, &mut buffer)
            {
                *place = None;
            }
        }
    }
}

/// Gives what has come in at one end to the other; false when that is over. A read that does not fill the buffer has emptied the socket.
fn give([below, above]: &mut Pair, end: usize, buffer: &mut [u8]) -> bool {
    let (from, to) = if end == 0 { (below, above) } else { (above, below) };
    loop {
        match from.read(buffer) {
            Ok(0) => return false,
            Ok(read) => {
                if buffer.get(..read).is_none_or(|bytes| to.write_all(bytes).is_err()) {
                    return false;
                }
                if read < buffer.len() {
                    return true;
                }
            }
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}
