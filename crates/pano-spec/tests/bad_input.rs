//! Documents that must be refused or mended, each with its code and place.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::type_complexity,
    missing_docs
)]

use pano_spec::{Document, Effect, Limits, SpecCode, folder};
use std::fmt::Write as _;

const HEAD: &str = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n";

fn refusal(bytes: &[u8], limits: &Limits) -> (String, String, Option<u32>) {
    let error = Document::read_with(bytes, limits).expect_err("must be refused");
    let first = &error.findings()[0];
    assert_eq!(first.effect, Effect::Refused);
    assert!(!first.reason.zh.is_empty() && error.to_string().contains(first.code.text()));
    (first.code.text().to_owned(), first.pointer.clone(), first.line)
}

#[test]
fn refused_with_code_pointer_and_line() {
    let path = |body: &str| format!("{HEAD}paths:\n  /a:\n    get:\n{body}");
    let schema = |body: &str| format!("{HEAD}components:\n  schemas:\n{body}");
    let cases: Vec<(&str, Vec<u8>, &str, &str, Option<u32>)> = vec![
        ("empty", b" \n".to_vec(), "spec.empty", "", None),
        ("not UTF-8", b"openapi: 3.0.0\nx: \xff".to_vec(), "spec.encoding", "", Some(2)),
        ("UTF-16", b"\xff\xfeo\0p\0".to_vec(), "spec.encoding", "", Some(1)),
        ("YAML syntax", b"openapi: 3.0.0\ninfo: [a, b\npaths: {}".to_vec(), "spec.syntax", "", Some(3)),
        ("JSON syntax", b"{\"openapi\": \"3.0.0\",\n \"info\": {]".to_vec(), "spec.syntax", "/info", Some(2)),
        (
            "YAML duplicate key",
            format!("{HEAD}paths:\n  /a: {{}}\n  /a: {{}}\n").into(),
            "spec.duplicate_key",
            "/paths/~1a",
            Some(5),
        ),
        (
            "JSON duplicate key",
            b"{\"openapi\":\"3.0.0\",\n\"info\":{\"title\":\"a\",\n\"title\":\"b\"}}".to_vec(),
            "spec.duplicate_key",
            "/info/title",
            Some(3),
        ),
        (
            "merge key",
            format!("{HEAD}x-a: &a {{k: v}}\nx-b:\n  <<: *a\n").into(),
            "spec.yaml.merge_key",
            "/x-b",
            Some(5),
        ),
        ("map as key", format!("{HEAD}x-a:\n  ? {{k: v}}\n  : 1\n").into(), "spec.yaml.key", "/x-a", Some(4)),
        ("foreign tag", format!("{HEAD}x-a: !!binary aGk=\n").into(), "spec.yaml.tag", "/x-a", Some(3)),
        ("infinity", format!("{HEAD}x-a: .inf\n").into(), "spec.number", "/x-a", Some(3)),
        ("two documents", format!("{HEAD}---\n{HEAD}").into(), "spec.yaml.many_documents", "", Some(3)),
        ("alias within its anchor", format!("{HEAD}x-a: &a [*a]\n").into(), "spec.yaml.alias_cycle", "/x-a/0", Some(3)),
        ("AsyncAPI", b"asyncapi: 3.0.0\ninfo: {title: a, version: '1'}\n".to_vec(), "spec.not_openapi", "", None),
        ("Swagger 2", b"swagger: '2.0'\n".to_vec(), "spec.not_openapi", "", None),
        ("XML", b"<?xml version=\"1.0\"?><a/>".to_vec(), "spec.not_openapi", "", None),
        ("Markdown", b"# Title\n\nSome: text: here\n- [a](b)".to_vec(), "spec.not_openapi", "", None),
        ("a list", b"[1, 2]".to_vec(), "spec.not_openapi", "", None),
        ("OpenAPI 3.2", b"openapi: 3.2.0\n".to_vec(), "spec.version", "/openapi", None),
        ("no info", b"openapi: 3.0.0\npaths: {}\n".to_vec(), "spec.shape.required", "", Some(1)),
        ("paths is a list", format!("{HEAD}paths: []\n").into(), "spec.shape.type", "/paths", Some(3)),
        (
            "operation is text",
            format!("{HEAD}paths:\n  /a:\n    get: hello\n").into(),
            "spec.shape.type",
            "/paths/~1a/get",
            Some(5),
        ),
        ("path without slash", format!("{HEAD}paths:\n  a: {{}}\n").into(), "spec.path.slash", "/paths/a", Some(4)),
        (
            "brace left open",
            format!("{HEAD}paths:\n  /a/{{b: {{}}\n").into(),
            "spec.path.template",
            "/paths/~1a~1{b",
            Some(4),
        ),
        (
            "parameter in body",
            path("      parameters:\n        - {name: a, in: body}\n").into(),
            "spec.shape.value",
            "/paths/~1a/get/parameters/0/in",
            Some(7),
        ),
        (
            "response leads nowhere",
            path("      responses:\n        '200': {$ref: '#/components/responses/No'}\n").into(),
            "spec.ref.unresolved",
            "/paths/~1a/get/responses/200",
            Some(7),
        ),
        (
            "schema leads nowhere",
            schema("    A: {type: object, properties: {b: {$ref: '#/nowhere'}}}\n").into(),
            "spec.ref.unresolved",
            "/components/schemas/A/properties/b",
            Some(5),
        ),
        (
            "bad escape in pointer",
            schema("    A: {$ref: '#/components/schemas/~2'}\n").into(),
            "spec.ref.malformed",
            "/components/schemas/A",
            Some(5),
        ),
        (
            "reference to a host",
            schema("    A: {$ref: 'https://example.com/a.yaml'}\n").into(),
            "spec.ref.external",
            "/components/schemas/A",
            Some(5),
        ),
        (
            "references in a ring",
            schema("    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}\n").into(),
            "spec.ref.cycle",
            "/components/schemas/A",
            Some(5),
        ),
        (
            "schema contains itself",
            schema("    A:\n      allOf: [{$ref: '#/components/schemas/A'}]\n").into(),
            "spec.schema.cycle",
            "/components/schemas/A",
            Some(5),
        ),
        ("schema is a number", schema("    A: 7\n").into(), "spec.shape.type", "/components/schemas/A", Some(5)),
    ];
    for (name, bytes, code, pointer, line) in cases {
        let (found_code, found_pointer, found_line) = refusal(&bytes, &Limits::default());
        assert_eq!((found_code.as_str(), found_pointer.as_str()), (code, pointer), "{name}");
        if line.is_some() {
            assert_eq!(found_line, line, "{name}");
        }
    }
}

#[test]
fn limits_hold() {
    let small =
        Limits { bytes: 20_000, depth: 20, nodes: 500, alias_nodes: 100, operations: 3, refs: 5, ..Limits::default() };
    let mut laughs = format!("{HEAD}x-0: &a0 [1, 2, 3, 4]\n");
    for i in 1..9 {
        let _ = writeln!(laughs, "x-{i}: &a{i} [*a{p}, *a{p}, *a{p}]", p = i - 1);
    }
    let mut operations = format!("{HEAD}paths:\n");
    let mut references = format!("{HEAD}components:\n  schemas:\n    A: {{type: string}}\n");
    for i in 0..9 {
        let _ = writeln!(operations, "  /a{i}: {{get: {{responses: {{}}}}}}");
        let _ = writeln!(references, "    B{i}: {{$ref: '#/components/schemas/A'}}");
    }
    let cases = [
        ("bytes", format!("{HEAD}x-a: {}", "a".repeat(20_000)), "spec.too_large"),
        ("deep YAML", format!("{HEAD}x-a: {}{}", "[".repeat(30), "]".repeat(30)), "spec.depth"),
        ("deep JSON", format!("{{\"openapi\":\"3.0.0\",\"x-a\":{}{}}}", "[".repeat(30), "]".repeat(30)), "spec.depth"),
        (
            "very deep JSON",
            format!("{{\"openapi\":\"3.0.0\",\"x-a\":{}{}}}", "[".repeat(5000), "]".repeat(5000)),
            "spec.depth",
        ),
        ("nodes in YAML", format!("{HEAD}x-a: [{}]", "1,".repeat(600)), "spec.nodes"),
        ("nodes in JSON", format!("{{\"openapi\":\"3.0.0\",\"x-a\":[{}1]}}", "1,".repeat(600)), "spec.nodes"),
        ("billion laughs", laughs, "spec.yaml.alias_budget"),
        ("operations", operations, "spec.operations"),
        ("references", references, "spec.ref.too_many"),
    ];
    for (name, text, code) in cases {
        assert_eq!(refusal(text.as_bytes(), &small).0, code, "{name}");
    }
}

#[test]
fn mended_and_said_so() {
    let operation = "    get:\n      responses:\n        '200': {description: ok}\n";
    let cases: Vec<(&str, String, &str, &str, &str)> = vec![
        ("byte order mark", format!("\u{feff}{HEAD}"), "spec.bom", "/openapi", "\"3.0.3\""),
        (
            "version as number",
            "openapi: 3.0\ninfo: {title: T, version: '1'}\n".into(),
            "spec.version_not_text",
            "/openapi",
            "\"3.0\"",
        ),
        (
            "API version as number",
            "openapi: 3.0.0\ninfo: {title: T, version: 1.10}\n".into(),
            "spec.shape.text_from_scalar",
            "/info/version",
            "\"1.10\"",
        ),
        ("null list", format!("{HEAD}tags:\n"), "spec.shape.type", "/tags", "absent"),
        (
            "response without description",
            format!("{HEAD}paths:\n  /a:\n    get:\n      responses:\n        200: {{}}\n"),
            "spec.shape.description_missing",
            "/paths/~1a/get/responses/200/description",
            "\"\"",
        ),
        (
            "enum twice",
            format!("{HEAD}components: {{schemas: {{A: {{type: string, enum: [x, WEEK, WEEK, y, x]}}}}}}\n"),
            "spec.enum.duplicate",
            "/components/schemas/A/enum",
            "[\"x\",\"WEEK\",\"y\"]",
        ),
        (
            "default +61",
            format!("{HEAD}components: {{schemas: {{A: {{type: string, default: +61}}}}}}\n"),
            "spec.default.type",
            "/components/schemas/A/default",
            "\"+61\"",
        ),
        (
            "type in capitals",
            format!("{HEAD}components: {{schemas: {{A: {{type: String}}}}}}\n"),
            "spec.schema.type",
            "/components/schemas/A/type",
            "\"string\"",
        ),
        (
            "unknown type",
            format!("{HEAD}components: {{schemas: {{A: {{type: date}}}}}}\n"),
            "spec.schema.type",
            "/components/schemas/A/type",
            "absent",
        ),
        (
            "required: true",
            format!("{HEAD}components: {{schemas: {{A: {{type: string, required: true}}}}}}\n"),
            "spec.schema.keyword",
            "/components/schemas/A/required",
            "absent",
        ),
        (
            "path parameter not required",
            format!(
                "{HEAD}paths:\n  /a/{{b}}:\n    parameters: [{{name: b, in: path, schema: {{type: string}}}}]\n{operation}"
            ),
            "spec.parameter.path_required",
            "/paths/~1a~1{b}/parameters/0/required",
            "true",
        ),
        (
            "variable without parameter",
            format!("{HEAD}paths:\n  /a/{{b}}:\n{operation}"),
            "spec.path.variable_undefined",
            "/paths/~1a~1{b}/get/parameters/0/name",
            "\"b\"",
        ),
        (
            "variable twice",
            format!(
                "{HEAD}paths:\n  /a/{{b}}/c/{{b}}:\n{operation}      parameters: [{{name: b, in: path, required: true, schema: {{type: integer}}}}]\n"
            ),
            "spec.path.variable_twice",
            "/paths/~1a~1{b}~1c~1{b_2}/get/parameters/1",
            "{\"name\":\"b_2\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"integer\"}}",
        ),
        (
            "parameter only referenced",
            format!(
                "{HEAD}paths:\n  /a/{{b}}:\n{operation}      parameters: [{{$ref: '#/components/parameters/b'}}]\n"
            ),
            "spec.ref.parameter_restored",
            "/components/parameters/b/in",
            "\"path\"",
        ),
        (
            "parameter twice",
            format!(
                "{HEAD}paths:\n  /a:\n{operation}      parameters: [{{name: q, in: query}}, {{name: q, in: query}}]\n"
            ),
            "spec.parameter.duplicate",
            "/paths/~1a/get/parameters",
            "[{\"name\":\"q\",\"in\":\"query\"}]",
        ),
    ];
    for (name, text, code, pointer, expected) in cases {
        let document = Document::read(text.as_bytes()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let repaired: Vec<_> =
            document.findings().iter().filter(|f| f.effect == Effect::Repaired).map(|f| f.code.text()).collect();
        assert!(repaired.contains(&code), "{name}: {repaired:?}");
        let found = document.at(pointer).map_or("absent".to_owned(), ToString::to_string);
        assert_eq!(found, expected, "{name}");
        assert_eq!(document.export(), text.as_bytes(), "{name}");
        let again = Document::read(document.to_yaml().as_bytes()).unwrap();
        assert_eq!(again.root(), document.root(), "{name}: a mended document needs no second mending");
        assert!(again.findings().iter().all(|f| f.effect != Effect::Repaired), "{name}: {:?}", again.findings());
    }
}

#[test]
fn references_stay_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let with = |reference: &str| format!("{HEAD}components:\n  schemas:\n    A:\n      $ref: '{reference}'\n");
    write(
        "inside/parts/b c.yaml",
        "B:\n  type: object\n  properties:\n    next: {$ref: '#/B'}\n    up: {$ref: '../ok.yaml#/components/schemas/A'}\n    more: {$ref: 'd.json'}\n",
    );
    write("inside/parts/d.json", "{\"type\": \"string\", \"maxLength\": 7}");
    write("inside/ok.yaml", &with("parts/b%20c.yaml#/B"));
    write("outside.yaml", "type: string\n");
    write("inside/up.yaml", &with("../outside.yaml"));
    write("inside/absolute.yaml", &with("/etc/passwd"));
    write("inside/url.yaml", &with("file:///etc/passwd"));
    write("inside/gone.yaml", &with("gone/away.yaml"));
    write("inside/link.yaml", &with("link-out.yaml"));
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("outside.yaml"), folder.path().join("inside/link-out.yaml")).unwrap();

    let inside = folder.path().join("inside");
    let read = |name: &str| Document::read_file(&inside, name, &Limits::default());
    let document = read("ok.yaml").unwrap();
    assert_eq!(document.at("/x-bundled-files/parts~1d.json/maxLength"), Some(&7.into()));
    assert_eq!(document.export(), with("parts/b%20c.yaml#/B").as_bytes());
    for (name, code) in [
        ("up.yaml", SpecCode::RefOutside),
        ("absolute.yaml", SpecCode::RefOutside),
        ("url.yaml", SpecCode::RefExternal),
        ("gone.yaml", SpecCode::RefUnresolved),
        ("link.yaml", SpecCode::FileSymlink),
        ("link-out.yaml", SpecCode::FileSymlink),
        ("../outside.yaml", SpecCode::FileSymlink),
        ("none.yaml", SpecCode::FileUnreadable),
    ] {
        assert_eq!(read(name).unwrap_err().code(), code, "{name}");
    }
    assert_eq!(Document::read(with("parts/d.json").as_bytes()).unwrap_err().code(), SpecCode::RefExternal);

    let seen = std::sync::Mutex::new(Vec::new());
    let imported =
        folder::import(&inside, &Limits::default(), &|progress, _| seen.lock().unwrap().push(progress.done)).unwrap();
    assert_eq!(imported.len(), 9);
    assert_eq!(imported.iter().filter(|one| one.document.is_some()).count(), 1);
    let mut seen = seen.into_inner().unwrap();
    seen.sort_unstable();
    assert_eq!(seen, (1..=9).collect::<Vec<_>>());
    assert!(folder::import(&inside.join("nothing"), &Limits::default(), &|_, _| {}).is_err());
}

#[test]
fn odd_keys_and_cycles_are_fine() {
    let text = format!(
        "{HEAD}paths:\n  /a~b/{{c}}:\n    get:\n      parameters: [{{name: c, in: path, required: true, schema: {{$ref: '#/components/schemas/x~1y%20z~0'}}}}]\n      responses: {{'200': {{description: ok, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Tree'}}}}}}}}}}\n\
         components:\n  schemas:\n    x/y z~: {{type: string}}\n    Tree: {{type: object, properties: {{children: {{type: array, items: {{$ref: '#/components/schemas/Tree'}}}}, self: {{$ref: '#/paths/~1a~0b~1%7Bc%7D/get/responses/200/content/application~1json/schema'}}}}}}\n\
         x-odd:\n  '': 1\n  \"a b\\n\": 2\n  '- x': 3\n  'null': 4\n  '#': 5\n  能力: 6\n"
    );
    let document = Document::read(text.as_bytes()).unwrap();
    assert_eq!(document.findings(), &[]);
    let mut contracts = pano_spec::Contracts::new(&document);
    let contract = contracts.contract(&document.operations()[0]);
    assert_eq!(contract.findings, vec![]);
    let tree = pano_spec::contract::compile(&contract.responses[0].schema_json).unwrap();
    assert!(tree.is_valid(&serde_json::json!({"children": [{"children": []}], "self": {}})));
    assert!(!tree.is_valid(&serde_json::json!({"children": [{"children": [1]}]})));
    for written in [document.to_yaml(), document.to_json()] {
        let again = Document::read(written.as_bytes()).unwrap();
        assert_eq!(again.root().to_string(), document.root().to_string(), "order and odd keys survive");
    }
}

#[test]
fn a_number_read_as_text_is_reported_as_it_was_written() {
    for (text, code, written) in [
        ("openapi: 3.0.0\ninfo: {title: T, version: 1.10}\n".to_owned(), SpecCode::TextFromScalar, "1.10"),
        (r#"{"openapi":"3.0.0","info":{"title":"T","version":1.10}}"#.to_owned(), SpecCode::TextFromScalar, "1.10"),
        (
            format!("{HEAD}components: {{schemas: {{A: {{type: string, default: +61}}}}}}\n"),
            SpecCode::DefaultType,
            "+61",
        ),
        (
            format!("{HEAD}components: {{schemas: {{A: {{type: string, enum: [a, 2.0]}}}}}}\n"),
            SpecCode::DefaultType,
            "2.0",
        ),
    ] {
        let report = Document::read(text.as_bytes()).unwrap().report(None);
        let finding = report.findings.iter().find(|finding| finding.code == code).unwrap();
        assert_eq!(finding.reason, code.reason(written), "{text}");
    }
}
