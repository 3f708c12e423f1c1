use super::*;
use proptest::prelude::*;

fn router(templates: &[&str]) -> Router<usize> {
    let mut router = Router::default();
    for (n, template) in templates.iter().enumerate() {
        router.insert(Method::GET, template, n).unwrap();
    }
    router
}

fn found<'r>(router: &'r Router<usize>, path: &str) -> Option<(&'r str, Vec<String>)> {
    let (leaf, captures) = router.find(path)?;
    let (_, template) = leaf.method(&Method::GET)?;
    Some((&template.text, captures.of(path).map(str::to_owned).collect()))
}

#[test]
fn the_most_specific_template_wins() {
    let router = router(&[
        "",
        "/",
        "/accounts",
        "/accounts/",
        "/accounts/{id}",
        "/accounts/{id}:cancel",
        "/accounts/me",
        "/accounts/{id}/balances",
        "/accounts/me/limits",
        "/{domain}/{record}/Initiate",
        "/files/{name}.{extension}",
        "/files/v{version}.json",
        "/ob/{+rest}",
        "/ob/v1/{id}",
        "/star/*",
    ]);
    for (path, template, values) in [
        ("", "", vec![]),
        ("/", "/", vec![]),
        ("/accounts", "/accounts", vec![]),
        ("/accounts/", "/accounts/", vec![]),
        ("/accounts/7", "/accounts/{id}", vec!["7"]),
        ("/accounts/me", "/accounts/me", vec![]),
        ("/accounts/7:cancel", "/accounts/{id}:cancel", vec!["7"]),
        ("/accounts/:cancel", "/accounts/{id}", vec![":cancel"]),
        ("/accounts/me/limits", "/accounts/me/limits", vec![]),
        ("/accounts/me/balances", "/accounts/{id}/balances", vec!["me"]),
        ("/accounts/me/Initiate", "/{domain}/{record}/Initiate", vec!["accounts", "me"]),
        ("/files/a.tar.gz", "/files/{name}.{extension}", vec!["a", "tar.gz"]),
        ("/files/v2.json", "/files/v{version}.json", vec!["2"]),
        ("/ob/v1/x", "/ob/v1/{id}", vec!["x"]),
        ("/ob/v1/x/y", "/ob/{+rest}", vec!["v1/x/y"]),
        ("/ob/", "/ob/{+rest}", vec![""]),
        ("/star/a/b", "/star/*", vec!["a/b"]),
    ] {
        let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
        assert_eq!(found(&router, path), Some((template, values)), "{path}");
    }
    for path in ["/account", "/accounts/7/", "/accounts/7/balances/", "/ob", "/x/y", "accounts", "/files/.x/"] {
        assert_eq!(found(&router, path), None, "{path}");
    }
}

#[test]
fn methods_are_told_apart_and_listed() {
    let mut router = Router::default();
    router.insert(Method::POST, "/a/{x}", 1).unwrap();
    router.insert(Method::GET, "/a/{y}", 2).unwrap();
    let (leaf, _) = router.find("/a/1").unwrap();
    assert_eq!(leaf.method(&Method::GET).map(|(v, t)| (*v, &*t.names[0])), Some((2, "y")));
    assert_eq!(leaf.method(&Method::POST).map(|(v, t)| (*v, &*t.names[0])), Some((1, "x")));
    assert_eq!((leaf.method(&Method::PUT).is_none(), leaf.allow().as_str()), (true, "GET, POST"));
}

#[test]
fn conflicting_and_malformed_templates_are_refused() {
    let mut router = router(&["/a/{x}", "/b/{x}.{y}"]);
    for same in ["/a/{other}", "/b/{p}.{q}"] {
        let error = router.insert(Method::GET, same, 9).unwrap_err();
        assert!(matches!(error, InsertError::Conflict { .. }), "{same}: {error}");
    }
    for (template, error) in [
        ("a", TemplateError::Relative),
        ("/{", TemplateError::Braces),
        ("/{}", TemplateError::Braces),
        ("/a}", TemplateError::Braces),
        ("/{a{b}}", TemplateError::Braces),
        ("/{a}{b}", TemplateError::Touching),
        ("/{+rest}/a", TemplateError::TailNotLast),
        ("/{a}/{a}/{a}/{a}/{a}/{a}/{a}/{a}/{a}/{a}/{a}/{a}/{a}/{a}/{a}/{a}/{a}", TemplateError::TooMany),
    ] {
        assert_eq!(router.insert(Method::GET, template, 9).unwrap_err(), InsertError::Template(error), "{template}");
    }
}

/// What the router does, without its trie: try all templates, compare the survivors segment by segment.
fn naive<'t>(templates: &'t [String], path: &str) -> Option<&'t str> {
    let rank = |segment: &Segment| match segment {
        Segment::Literal(_) => (0, None),
        Segment::Mixed(_) => (1, Some(segment.clone())),
        Segment::Parameter => (2, None),
        Segment::Tail => (3, None),
    };
    let matches = |template: &Template| {
        let Some(rest) = path.strip_prefix('/') else { return template.segments.is_empty() && path.is_empty() };
        let mut parts = rest.split('/').peekable();
        for segment in &template.segments {
            let ok = match segment {
                Segment::Tail => return parts.peek().is_some(),
                Segment::Literal(text) => parts.next() == Some(&**text),
                Segment::Parameter => parts.next().is_some_and(|p| !p.is_empty()),
                Segment::Mixed(_) => parts.next().is_some_and(|p| segment.capture(p, |_, _| {})),
            };
            if !ok {
                return false;
            }
        }
        parts.next().is_none() && !template.segments.is_empty()
    };
    let mut all: Vec<(Template, &str)> = templates
        .iter()
        .map(|t| (Template::parse(t).unwrap(), t.as_str()))
        .filter(|(template, _)| matches(template))
        .collect();
    all.sort_by(|(a, _), (b, _)| {
        let pairs = a.segments.iter().zip(&b.segments);
        pairs
            .map(|(x, y)| {
                rank(x).0.cmp(&rank(y).0).then_with(|| match (rank(x).1, rank(y).1) {
                    (Some(x), Some(y)) => x.rank().cmp(&y.rank()),
                    _ => std::cmp::Ordering::Equal,
                })
            })
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    all.first().map(|(_, text)| *text)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn the_trie_agrees_with_trying_every_template(
        templates in prop::collection::vec("(/(a|b|\\{x\\}|\\{x\\}:a|a\\{x\\}|\\{x\\}\\.\\{y\\})){1,4}(/\\{\\+t\\})?", 1..14),
        paths in prop::collection::vec("(/(a|b|aa|b:a|a\\.b|)){1,5}", 1..10),
    ) {
        let mut kept: Vec<String> = Vec::new();
        let mut router = Router::default();
        for template in templates {
            if router.insert(Method::GET, &template, kept.len()).is_ok() {
                kept.push(template);
            }
        }
        for path in paths {
            prop_assert_eq!(found(&router, &path).map(|(t, _)| t), naive(&kept, &path), "{} in {:?}", path, kept);
        }
    }
}
