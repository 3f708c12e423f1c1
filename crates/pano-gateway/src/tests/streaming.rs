//! Bodies that are larger than a buffer, of unknown length, or cut off.

use super::*;

fn big(size: usize) -> Vec<u8> {
    (0..size).map(|n| b'a' + (n % 23) as u8).collect()
}

fn provider() -> Provider {
    Provider::start(|head, body| {
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut out = Vec::new();
        match path.as_str() {
            "/echo/sized" => {
                out.extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
                out.extend_from_slice(&big(1_000_000));
            }
            "/echo/chunked" => {
                out.extend_from_slice(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
                for piece in big(300_000).chunks(7001) {
                    out.extend_from_slice(format!("{:x};x=y\r\n", piece.len()).as_bytes());
                    out.extend_from_slice(piece);
                    out.extend_from_slice(b"\r\n");
                }
                out.extend_from_slice(b"0\r\nx-trailer: a\r\n\r\n");
            }
            "/echo/short" => {
                out.extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\nconnection: close\r\n\r\nshort");
            }
            "/echo" => out.extend_from_slice(
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{}", body.len().to_string().len(), body.len())
                    .as_bytes(),
            ),
            _ => return None,
        }
        Some(out)
    })
}

#[test]
fn large_answers_stream_and_are_recorded_before_their_end() {
    let provider = provider();
    let house = House::with([Unit::Api(bank(&provider.url()))], |o| o.workers = 1);
    for (n, (path, size)) in [("sized", 1_000_000), ("chunked", 300_000), ("sized", 1_000_000)].into_iter().enumerate()
    {
        let reply = get(house.address, &format!("/bank/echo/{path}"), "");
        assert!(reply.body == big(size), "{path}: {}", reply.body.len());
        let records = house.records();
        assert_eq!((records.len(), records[n].bytes_out, records[n].status), (n + 1, size as u64, 200));
    }
    assert_eq!(provider.connections.load(Ordering::SeqCst), 1, "the connection is kept after streams, too");
}

#[test]
fn a_cut_answer_is_visibly_cut_and_recorded() {
    let provider = Provider::start(|_, _| None);
    drop(provider);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = BufReader::new(stream);
            let _ = read_request(&mut stream);
            let _ = stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nshort");
        }
    });
    let house = House::start([Unit::Api(bank(&url))]);
    let mut stream = dial(house.address);
    stream.get_mut().write_all(b"GET /bank/echo HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    assert!(read_reply(&mut stream).is_none(), "the body does not look whole");
    let record = house.records_when(1).remove(0);
    assert_eq!((record.code.as_deref(), record.accepted), (Some("gateway.upstream_failed"), true));
}

#[test]
fn large_requests_stream_in_both_framings_and_are_bounded() {
    let provider = provider();
    let house = House::start([Unit::Api(bank(&provider.url()))]);
    let body = String::from_utf8(big(500_000)).unwrap();
    let reply = post(house.address, "/bank/echo", "", &body);
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"500000"[..]));
    let mut chunked = b"POST /bank/echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for piece in body.as_bytes().chunks(50_000) {
        chunked.extend_from_slice(format!("{:X}\r\n", piece.len()).as_bytes());
        chunked.extend_from_slice(piece);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let reply = send(house.address, &chunked).unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"500000"[..]));
    assert!(house.records().iter().all(|r| r.bytes_in == 500_000));
    let mut stream = dial(house.address);
    stream.get_mut().write_all(b"POST /bank/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2000000\r\n\r\n").unwrap();
    assert_eq!(read_reply(&mut stream).unwrap().code(), "request.too_large");
}

#[test]
fn a_refusal_reaches_a_caller_that_is_still_sending() {
    let provider = Provider::echo();
    let house = House::start([Unit::Api(bank(&provider.url()))]);
    for _ in 0..20 {
        let mut stream = dial(house.address);
        let head =
            format!("POST /bank/nowhere HTTP/1.1\r\nhost: a\r\ncontent-length: 500000\r\n\r\n{}", "x".repeat(400_000));
        let _ = stream.get_mut().write_all(head.as_bytes());
        assert_eq!(read_reply(&mut stream).map(|r| r.code()).as_deref(), Some("gateway.route_unknown"));
    }
}

#[test]
fn answers_to_head_say_the_length_and_have_no_body() {
    let provider = Provider::start(|_, _| Some(b"HTTP/1.1 200 OK\r\ncontent-length: 77\r\n\r\n".to_vec()));
    let mut unit = api("files", &provider.url());
    unit.operations = vec![operation("head", "HEAD", "/x")];
    let house = House::start([Unit::Api(unit)]);
    let mut stream = dial(house.address);
    for _ in 0..2 {
        stream.get_mut().write_all(b"HEAD /files/x HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).unwrap(), 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("content-length: 77"), "{head}");
    }
}

#[test]
fn a_caller_that_hangs_up_is_recorded() {
    let (release, wait) = std::sync::mpsc::sync_channel::<()>(1);
    let wait = Mutex::new(wait);
    let provider = Provider::start(move |_, _| {
        let _ = wait.lock().unwrap().recv_timeout(Duration::from_secs(20));
        Some(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec())
    });
    let house = House::start([Unit::Api(bank(&provider.url()))]);
    let mut stream = dial(house.address);
    stream.get_mut().write_all(b"GET /bank/echo HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    wait_until(|| provider.heads.lock().unwrap().len() == 1);
    // A reset, not only the end of what it sends.
    socket2::SockRef::from(stream.get_ref()).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
    let record = house.records_when(1).remove(0);
    assert_eq!((record.status, record.accepted, record.attempts), (499, true, 1));
    assert!(record.upstream_us.is_some(), "the upstream had the call");
    drop(release);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let provider = Provider::echo();
    let house = House::start([Unit::Api(bank(&provider.url()))]);
    let mut stream = dial(house.address);
    let requests: String = (0..20).map(|n| format!("GET /bank/echo/{n} HTTP/1.1\r\nhost: a\r\n\r\n")).collect();
    stream.get_mut().write_all(requests.as_bytes()).unwrap();
    for n in 0..20 {
        let reply = read_reply(&mut stream).unwrap();
        assert!(String::from_utf8_lossy(&reply.body).starts_with(&format!("GET /echo/{n} HTTP/1.1")), "{n}");
    }
}

#[test]
fn a_stop_lets_requests_finish() {
    let provider = Provider::start(|_, _| {
        std::thread::park_timeout(Duration::from_millis(300));
        Some(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec())
    });
    let house = House::start([Unit::Api(bank(&provider.url()))]);
    let mut stream = dial(house.address);
    stream.get_mut().write_all(b"GET /bank/echo HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    wait_until(|| provider.heads.lock().unwrap().len() == 1);
    let House { gateway, address, log, .. } = house;
    gateway.stop();
    assert_eq!(read_reply(&mut stream).unwrap().body, b"ok");
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
    assert!(log.end() > 0);
}
