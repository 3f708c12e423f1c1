//! Edges of HTTP/1.1 through a listening gateway.

use super::*;
use std::net::Shutdown;

fn house() -> (House, Provider) {
    let provider = Provider::echo();
    (House::start([Unit::Api(bank(&provider.url()))]), provider)
}

fn rest(stream: &mut BufReader<TcpStream>) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_caller_that_sends_no_more_gets_all_its_answers() {
    let (house, provider) = house();
    let mut stream = dial(house.address);
    let requests: String = (0..3).map(|n| format!("GET /bank/echo/{n} HTTP/1.1\r\nhost: a\r\n\r\n")).collect();
    stream.get_mut().write_all(requests.as_bytes()).unwrap();
    stream.get_mut().shutdown(Shutdown::Write).unwrap();
    for n in 0..3 {
        let reply = read_reply(&mut stream).unwrap();
        assert!(String::from_utf8_lossy(&reply.body).starts_with(&format!("GET /echo/{n} HTTP/1.1")), "{n}");
    }
    assert_eq!(rest(&mut stream), "", "then the connection ends");
    let mut stream = dial(house.address);
    stream.get_mut().write_all(b"POST /bank/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nmore").unwrap();
    stream.get_mut().shutdown(Shutdown::Write).unwrap();
    assert!(read_reply(&mut stream).unwrap().body.ends_with(b"\nmore"));
    assert_eq!(provider.heads.lock().unwrap().len(), 4);
    assert!(house.records_when(4).iter().all(|r| r.status == 200 && r.attempts == 1));
}

#[test]
fn a_body_that_breaks_off_is_refused() {
    let (house, provider) = house();
    let mut stream = dial(house.address);
    stream.get_mut().write_all(b"POST /bank/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf").unwrap();
    stream.get_mut().shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_reply(&mut stream).unwrap().code(), "request.malformed");
    assert!(provider.heads.lock().unwrap().is_empty(), "half a body goes nowhere");
}

#[test]
fn who_waits_for_100_continue_gets_it_when_the_body_is_wanted() {
    let (house, _provider) = house();
    let mut stream = dial(house.address);
    let head = "HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";
    stream.get_mut().write_all(format!("POST /bank/echo {head}").as_bytes()).unwrap();
    assert_eq!(read_reply(&mut stream).unwrap().head.trim(), "HTTP/1.1 100 Continue");
    stream.get_mut().write_all(b"hello").unwrap();
    assert!(read_reply(&mut stream).unwrap().body.ends_with(b"\nhello"));
    // Refused at once: the body is never asked for, and as it may come all the same, the connection ends.
    stream.get_mut().write_all(format!("POST /bank/nowhere {head}").as_bytes()).unwrap();
    let reply = read_reply(&mut stream).unwrap();
    assert_eq!((reply.code().as_str(), reply.header("connection")), ("gateway.route_unknown", Some("close")));
    assert_eq!(rest(&mut stream), "");
}

#[test]
fn http_1_0_gets_what_it_understands() {
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    let provider = Provider::start(move |_, _| Some(chunked.to_vec()));
    let house = House::start([Unit::Api(bank(&provider.url()))]);
    for keep_alive in ["", "connection: keep-alive\r\n"] {
        let mut stream = dial(house.address);
        let request = format!("GET /bank/echo HTTP/1.0\r\nhost: a\r\n{keep_alive}\r\n");
        stream.get_mut().write_all(request.repeat(2).as_bytes()).unwrap();
        let reply = read_reply(&mut stream).unwrap();
        assert_eq!((reply.header("transfer-encoding"), reply.header("connection")), (None, Some("close")));
        assert_eq!(
            rest(&mut stream),
            "hello world",
            "a body that the end of the connection ends, and nothing behind it"
        );
    }
    let (house, _provider) = self::house();
    let mut stream = dial(house.address);
    for _ in 0..2 {
        stream.get_mut().write_all(b"GET /bank/echo HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n").unwrap();
        let reply = read_reply(&mut stream).unwrap();
        assert_eq!((reply.status, reply.header("connection")), (200, Some("keep-alive")));
    }
    stream.get_mut().write_all(b"GET /bank/echo HTTP/1.0\r\nhost: a\r\n\r\n").unwrap();
    assert_eq!(read_reply(&mut stream).unwrap().header("connection"), Some("close"));
    assert_eq!(rest(&mut stream), "");
}

#[test]
fn a_refusal_leaves_the_connection_usable_when_the_whole_body_has_come() {
    let (house, _provider) = house();
    let mut stream = dial(house.address);
    let refused = "POST /bank/nowhere HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello";
    stream
        .get_mut()
        .write_all(format!("{refused}\r\n{refused}GET /bank/echo HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes())
        .unwrap();
    for code in ["gateway.route_unknown", "gateway.route_unknown"] {
        assert_eq!(read_reply(&mut stream).unwrap().code(), code);
    }
    assert_eq!(read_reply(&mut stream).unwrap().status, 200);
}

#[test]
fn packed_bodies_are_refused_where_the_contract_must_see_them() {
    let provider = Provider::echo();
    let bank = bank(&provider.url());
    let house = House::start([Unit::App(app("good", &[&bank])), Unit::Api(bank)]);
    let bearer = house.bearer("good", "payments:write");
    let reply = post(
        house.address,
        "/bank/payments",
        &format!("{bearer}content-type: application/json\r\ncontent-encoding: gzip\r\n"),
        "{\"amount\":\"1\"}",
    );
    assert_eq!(reply.code(), "request.unsupported_media_type");
}
