//! The writing half of a connection: an answer's head, and its body in one of the three framings (RFC 9112 §6).

use super::Asked;
use super::wire::Wire;
use crate::body::Body;
use crate::stamp;
use crate::worker::Worker;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body as _;
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncWrite};

/// A body of at most this size is copied behind its head, so that both go out in one write.
const JOINED_BYTES_MAX: usize = 16 << 10;

/// How an answer's body is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// There is none, and nothing says so: the status or method does.
    None,
    /// So many bytes. Also said where no body follows, of what would follow.
    Sized(u64),
    Chunked,
    /// Until the connection closes: all that HTTP/1.0 knows.
    Close,
}

/// Writes the whole answer. `more`: the connection may go on after it. Whether it does.
///
/// # Errors
/// When the connection breaks, or the body does: then the answer must not look whole.
pub(super) async fn send<S>(
    worker: &Worker,
    wire: &RefCell<Wire<S>>,
    response: Response<Body>,
    asked: Asked,
    more: bool,
) -> io::Result<bool>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (parts, mut body) = response.into_parts();
    let bodiless = asked.is_head || matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let framing = framing(&parts.headers, parts.status, &body, asked, bodiless);
    // A body that lasts until the end of the connection ends it.
    let more = more && framing != Framing::Close;
    let mut out = worker.take_buffer();
    head(&mut out, worker, parts.status, &parts.headers, framing, asked, more);
    let result = match &mut body {
        _ if bodiless => write(wire, &out).await,
        Body::Full(bytes) => full(wire, &mut out, bytes.take().unwrap_or_default()).await,
        Body::Stream(_) => stream(wire, &mut out, &mut body, framing).await,
    };
    worker.give_buffer(out);
    result.map(|()| more)
}

fn framing(headers: &HeaderMap, status: StatusCode, body: &Body, asked: Asked, bodiless: bool) -> Framing {
    // Kept from the upstream's answer where the body is absent and yet has a length (RFC 9110 §8.6).
    let told = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    match body {
        _ if status == StatusCode::NO_CONTENT => Framing::None,
        _ if bodiless && told.is_some() => told.map_or(Framing::None, Framing::Sized),
        Body::Full(None) if bodiless => Framing::None,
        Body::Full(_) => Framing::Sized(body.length()),
        Body::Stream(_) => match body.size_hint().exact() {
            Some(size) => Framing::Sized(size),
            None if asked.version_11 => Framing::Chunked,
            None => Framing::Close,
        },
    }
}

fn head(
    out: &mut Vec<u8>,
    worker: &Worker,
    status: StatusCode,
    headers: &HeaderMap,
    framing: Framing,
    asked: Asked,
    more: bool,
) {
    let mut put = |parts: &[&[u8]]| parts.iter().for_each(|p| out.extend_from_slice(p));
    let reason = status.canonical_reason().unwrap_or_default();
    put(&[b"HTTP/1.1 ", status.as_str().as_bytes(), b" ", reason.as_bytes(), b"\r\n"]);
    let mut dated = false;
    for (name, value) in headers {
        // The framing and the connection are ours to say.
        if name == CONTENT_LENGTH || name == TRANSFER_ENCODING || name == CONNECTION {
            continue;
        }
        dated |= name == DATE;
        put(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
    }
    if !dated {
        worker.date(|date| put(&[b"date: ", date, b"\r\n"]));
    }
    match framing {
        Framing::None | Framing::Close => {}
        Framing::Chunked => put(&[b"transfer-encoding: chunked\r\n"]),
        Framing::Sized(size) => {
            put(&[b"content-length: "]);
            stamp::number(size, out);
            out.extend_from_slice(b"\r\n");
        }
    }
    if !more {
        out.extend_from_slice(b"connection: close\r\n");
    } else if !asked.version_11 {
        out.extend_from_slice(b"connection: keep-alive\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

async fn write<S: AsyncRead + AsyncWrite + Unpin>(wire: &RefCell<Wire<S>>, bytes: &[u8]) -> io::Result<()> {
    let mut at = 0;
    poll_fn(|cx| wire.borrow_mut().poll_write(cx, bytes, &mut at)).await
}

async fn full<S: AsyncRead + AsyncWrite + Unpin>(
    wire: &RefCell<Wire<S>>,
    out: &mut Vec<u8>,
    body: Bytes,
) -> io::Result<()> {
    if body.len() <= JOINED_BYTES_MAX {
        out.extend_from_slice(&body);
        return write(wire, out).await;
    }
    write(wire, out).await?;
    write(wire, &body).await
}

/// `out` holds the head, which waits for the first piece only if that is there.
async fn stream<S: AsyncRead + AsyncWrite + Unpin>(
    wire: &RefCell<Wire<S>>,
    out: &mut Vec<u8>,
    body: &mut Body,
    framing: Framing,
) -> io::Result<()> {
    let mut sent = 0;
    loop {
        let polled = poll_fn(|cx| Poll::Ready(Pin::new(&mut *body).poll_frame(cx))).await;
        let frame = match polled {
            Poll::Ready(frame) => frame,
            Poll::Pending => {
                if !out.is_empty() {
                    write(wire, out).await?;
                    out.clear();
                }
                poll_fn(|cx| match Pin::new(&mut *body).poll_frame(cx) {
                    Poll::Ready(frame) => Poll::Ready(Ok(frame)),
                    // A caller that has gone ends the body, whose record says so.
                    Poll::Pending => wire.borrow_mut().poll_gone(cx).map(|()| Err(io::ErrorKind::BrokenPipe)),
                })
                .await?
            }
        };
        let Some(frame) = frame else { break };
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => {
                // What was promised so far still goes out; the end does not.
                write(wire, out).await?;
                return Err(error);
            }
        };
        let Ok(data) = frame.into_data() else { continue };
        if data.is_empty() {
            continue;
        }
        sent += data.len() as u64;
        if framing == Framing::Chunked {
            out.extend_from_slice(format!("{:x}\r\n", data.len()).as_bytes());
        }
        out.extend_from_slice(&data);
        if framing == Framing::Chunked {
            out.extend_from_slice(b"\r\n");
        }
        write(wire, out).await?;
        out.clear();
    }
    if framing == Framing::Chunked {
        out.extend_from_slice(b"0\r\n\r\n");
    }
    write(wire, out).await?;
    match framing {
        Framing::Sized(size) if size != sent => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}
