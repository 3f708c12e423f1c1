use super::*;
use crate::testing::contract;
use http::HeaderMap;
use serde_json::json;

#[test]
fn parameters_are_undone_by_style_and_typed_by_schema() {
    let ints = json!({"type": "array", "items": {"type": "integer"}, "maxItems": 3});
    let boolean = r##"{"$ref": "#/$defs/b"}"##;
    let mut text = contract(&[(
        &[
            ("id", "path", true, "simple", false, json!({"type": "string", "pattern": "^[a-z]+$"})),
            ("limit", "query", false, "form", true, json!({"type": "integer", "maximum": 10})),
            ("many", "query", false, "form", true, ints.clone()),
            ("comma", "query", false, "form", false, ints.clone()),
            ("pipe", "query", false, "pipeDelimited", false, ints.clone()),
            ("space", "query", false, "spaceDelimited", false, ints),
            ("flag", "query", false, "form", true, serde_json::from_str(boolean).unwrap()),
            ("X-Day", "header", false, "simple", false, json!({"type": "string", "format": "date"})),
            ("c", "cookie", false, "form", true, json!({"enum": ["x"]})),
            ("deep", "query", false, "deepObject", true, json!({"type": "object"})),
        ],
        None,
    )]);
    text.definitions
        .insert("b".into(), serde_json::value::RawValue::from_string(r#"{"type":"boolean"}"#.into()).unwrap());
    let contract = Contract::new(&text, 0).unwrap();
    let check = |id: &str, query: &str, headers: &[(&'static str, &'static str)]| {
        let headers: HeaderMap = headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        let request = Request { path: vec![("id", id)], query, headers: &headers };
        contract.check_parameters(&request).err().map(|p| p.errors.into_iter().map(|e| e.at).collect::<Vec<_>>())
    };
    for (id, query, headers) in [
        ("abc", "", vec![]),
        ("abc", "limit=10&flag=true&unknown=1", vec![("x-day", "2026-02-28"), ("cookie", "a=b; c=x")]),
        ("abc", "many=1&many=2&comma=1,2,3&pipe=1%7C2&space=1%202", vec![]),
        ("%61b", "%6Cimit=3&deep[a]=1", vec![]),
    ] {
        assert_eq!(check(id, query, &headers), None, "{query}");
    }
    for (id, query, headers, at) in [
        ("ABC", "", vec![], "id"),
        ("abc", "limit=11", vec![], "limit"),
        ("abc", "limit=ten", vec![], "limit"),
        ("abc", "limit=1&limit=2", vec![], "limit"),
        ("abc", "limit=%zz", vec![], "limit"),
        ("abc", "many=1&many=x", vec![], "many/1"),
        ("abc", "comma=1,2,3,4", vec![], "comma"),
        ("abc", "pipe=1%7Cx", vec![], "pipe/1"),
        ("abc", "flag=yes", vec![], "flag"),
        ("abc", "", vec![("x-day", "yesterday")], "X-Day"),
        ("abc", "", vec![("cookie", "c=y")], "c"),
    ] {
        assert_eq!(check(id, query, &headers), Some(vec![at.to_owned()]), "{query}");
    }
}

#[test]
fn bodies_are_checked_and_values_are_never_told() {
    let schema = json!({
        "type": "object", "required": ["amount"], "additionalProperties": false,
        "properties": {"amount": {"type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$"}, "tags": {"items": {"maxLength": 3}}},
    });
    let contract = Contract::new(&contract(&[(&[], Some(schema))]), 0).unwrap();
    let json = Some("application/json; charset=utf-8");
    let errors = |content_type, body: &str| match contract.check_body(content_type, body.as_bytes()) {
        Ok(()) => (None, Vec::new()),
        Err(p) => {
            assert!(
                !p.errors.iter().any(|e| e.reason.en.contains("secret") || e.reason.zh.contains("secret")),
                "{p:?}"
            );
            (Some(p.code), p.errors.into_iter().map(|e| e.at).collect::<Vec<_>>())
        }
    };
    assert_eq!(errors(json, r#"{"amount":"1.00","tags":["abc"]}"#), (None, vec![]));
    assert_eq!(errors(Some("text/plain"), "anything"), (None, vec![]));
    for (content_type, body, code, at) in [
        (None, "", Code::BodyInvalid, vec![""]),
        (json, "", Code::BodyInvalid, vec![""]),
        (json, "{\"amount\":", Code::BodyInvalid, vec![""]),
        (json, "{}", Code::BodyInvalid, vec![""]),
        (json, r#"{"amount":"secret"}"#, Code::BodyInvalid, vec!["/amount"]),
        (json, r#"{"amount":"1.00","secret":1}"#, Code::BodyInvalid, vec![""]),
        (json, r#"{"amount":"1.00","tags":["a","secret"]}"#, Code::BodyInvalid, vec!["/tags/1"]),
        (Some("application/xml"), "<a/>", Code::UnsupportedMediaType, vec![]),
        (None, "{}", Code::UnsupportedMediaType, vec![]),
    ] {
        let at: Vec<String> = at.into_iter().map(str::to_owned).collect();
        assert_eq!(errors(content_type, body), (Some(code), at), "{body}");
    }
    let deep = "[".repeat(10_000);
    assert_eq!(errors(json, &deep).0, Some(Code::BodyInvalid));
}

#[test]
fn parameters_that_are_json_are_read_as_json() {
    let schema = json!({"type": "object", "required": ["from"], "properties": {"from": {"type": "integer"}}});
    let text = contract(&[(
        &[
            ("filter", "query", true, "json", false, schema.clone()),
            ("X-Filter", "header", false, "json", false, schema.clone()),
            ("c", "cookie", false, "json", false, schema),
        ],
        None,
    )]);
    let contract = Contract::new(&text, 0).unwrap();
    let check = |query: &str, headers: &[(&'static str, &'static str)]| {
        let headers: HeaderMap = headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        let request = Request { path: vec![], query, headers: &headers };
        contract.check_parameters(&request).err().map(|p| p.errors.into_iter().map(|e| e.at).collect::<Vec<_>>())
    };
    let good = "filter=%7B%22from%22:1%7D";
    assert_eq!(check(good, &[("x-filter", r#"{"from": 2}"#), ("cookie", "c=%7B%22from%22%3A3%7D")]), None);
    for (query, headers, at) in [
        ("", vec![], "filter"),
        ("filter=%7B%7D", vec![], "filter"),
        ("filter=%7B%22from%22:%22x%22%7D", vec![], "filter/from"),
        ("filter=from", vec![], "filter"),
        ("filter=%7B%22from%22:1%7D&filter=%7B%22from%22:1%7D", vec![], "filter"),
        (good, vec![("x-filter", "{")], "X-Filter"),
        (good, vec![("cookie", "c=%7B%7D")], "c"),
    ] {
        assert_eq!(check(query, &headers), Some(vec![at.to_owned()]), "{query} {headers:?}");
    }
}

#[test]
fn forms_are_typed_by_their_schema_and_checked() {
    let schema = json!({
        "type": "object", "required": ["amount"], "additionalProperties": false,
        "allOf": [{"properties": {"urgent": {"type": "boolean"}}}],
        "properties": {
            "amount": {"type": "integer", "maximum": 100}, "note": {"type": "string", "maxLength": 6},
            "tags": {"type": "array", "items": {"type": "integer"}, "maxItems": 2}, "urgent": true,
        },
    });
    let mut text = contract(&[(&[], Some(schema))]);
    text.operations[0].body.as_mut().unwrap().media[0].0 = "application/x-www-form-urlencoded".into();
    let contract = Contract::new(&text, 0).unwrap();
    let form = Some("application/x-www-form-urlencoded; charset=utf-8");
    let errors = |body: &str| match contract.check_body(form, body.as_bytes()) {
        Ok(()) => vec![],
        Err(p) => {
            let told =
                |e: &pano_types::problem::FieldError| e.reason.en.contains("secret") || e.reason.zh.contains("secret");
            assert!(!p.errors.iter().any(told), "{p:?}");
            p.errors.into_iter().map(|e| e.at).collect::<Vec<_>>()
        }
    };
    for good in ["amount=1", "amount=1&urgent=true&note=a+b%26c&tags=1&tags=2", "%61mount=100&tags=7"] {
        assert_eq!(errors(good), Vec::<String>::new(), "{good}");
    }
    for (bad, at) in [
        ("", ""),
        ("note=x", ""),
        ("amount=secret", "/amount"),
        ("amount=101", "/amount"),
        ("amount=1&amount=2", "/amount"),
        ("amount=1&note=secret7", "/note"),
        ("amount=1&urgent=secret", "/urgent"),
        ("amount=1&tags=1&tags=x", "/tags/1"),
        ("amount=1&tags=1&tags=2&tags=3", "/tags"),
        ("amount=1&secret=1", ""),
        ("amount=%zz", ""),
    ] {
        assert_eq!(errors(bad), vec![at.to_owned()], "{bad}");
    }
    let other = contract.check_body(Some("application/json"), b"{}").unwrap_err();
    assert_eq!(other.code, Code::UnsupportedMediaType);
}

#[tokio::test]
async fn compiled_contracts_are_bounded() {
    let one: (&[crate::testing::Parameter<'_>], _) = (&[], Some(json!({"type": "object"})));
    let text = contract(&vec![one; 5]);
    let shelf = Arc::new(Shelf::new(None));
    shelf.put_all(std::slice::from_ref(&text)).unwrap();
    let digest: Arc<str> = pano_snapshot::contract::digest(text.text().as_bytes()).into();
    let slots: Vec<Slot> = (0..5).map(|n| Slot::new(&shelf, &digest, n)).collect();
    let kept = Arc::new(Kept::new(2));
    for slot in &slots {
        slot.contract(&kept).await.unwrap();
    }
    assert_eq!(slots.iter().filter(|s| s.0.compiled.load().is_some()).count(), 2);
    assert!(Slot::new(&shelf, &digest, 9).contract(&kept).await.is_err());
    assert!(Slot::new(&shelf, &"0".repeat(64).into(), 0).contract(&kept).await.is_err());
    assert!(shelf.put(&digest, b"{}", true).is_err(), "something else under the digest");
    shelf.keep_only(&HashSet::new());
    assert!(!shelf.has(&digest));
}
