//! Pages for customers: HTML that works in any web view, without script, in Chinese and English.
//!
//! Markup is `&'static str`, everything else is escaped: by the types, text that someone chose cannot become markup. The one
//! style sheet stands in the page, allowed by its digest; nothing is loaded from anywhere.

mod words;

use crate::customers::Account;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderValue, StatusCode};
use pano_crypto::{b64, digest};
use pano_types::{Instant, Lang};
pub(crate) use words::{Words, words};

const STYLE: &str = "body{font:1rem/1.6 system-ui,sans-serif;color:#1c2733;background:#f3f5f8;margin:0}\
main{max-width:30rem;margin:0 auto;padding:1.5rem 1rem}section{background:#fff;border:1px solid #d5dbe3;\
border-radius:.5rem;padding:1.25rem;margin:0 0 1rem}h1{font-size:1.35rem;margin:0 0 1rem}h2{font-size:1rem;margin:1rem 0 .25rem}\
label{display:block;margin:.75rem 0 .25rem}label.choice{margin:.25rem 0}input[type=text],input[type=password]\
{box-sizing:border-box;width:100%;font:inherit;padding:.6rem;border:1px solid #6b7886;border-radius:.35rem}\
button{font:inherit;padding:.65rem 1.25rem;border-radius:.35rem;border:1px solid #0b4f9e;margin:1rem .5rem 0 0;min-height:2.75rem}\
button.yes{background:#0b4f9e;color:#fff}button.no{background:#fff;color:#0b4f9e}ul{padding-left:1.25rem;margin:.25rem 0}\
.error{color:#a3170d}.quiet{color:#4a5665;font-size:.9rem}";

/// HTML in the making.
#[derive(Debug, Default)]
pub(crate) struct Html(String);

impl Html {
    /// Our own markup.
    pub(crate) fn raw(mut self, markup: &'static str) -> Self {
        self.0.push_str(markup);
        self
    }
    /// Anyone's text, as content or inside a quoted attribute.
    pub(crate) fn text(mut self, text: &str) -> Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        self
    }
    /// More of it.
    pub(crate) fn then(mut self, more: Self) -> Self {
        self.0.push_str(&more.0);
        self
    }
    /// A hidden field.
    pub(crate) fn hidden(self, name: &'static str, value: &str) -> Self {
        self.raw("<input type=\"hidden\" name=\"").raw(name).raw("\" value=\"").text(value).raw("\">")
    }
    /// The hidden fields.
    pub(crate) fn hiddens(self, fields: &[(&'static str, &str)]) -> Self {
        fields.iter().fold(self, |html, (name, value)| html.hidden(name, value))
    }
}

/// A whole page.
pub(crate) struct Page {
    pub(crate) lang: Lang,
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
    pub(crate) body: Html,
    /// Where a form's answer may lead the browser besides here; browsers hold redirects after a form against the policy.
    pub(crate) leads_to: Option<String>,
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let lang = match self.lang {
            Lang::Zh => "zh",
            Lang::En => "en",
        };
        let html = Html::default()
            .raw("<!doctype html><html lang=\"")
            .text(lang)
            .raw("\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>")
            .text(self.title)
            .raw("</title><style>")
            .raw(STYLE)
            .raw("</style></head><body><main><section><h1>")
            .text(self.title)
            .raw("</h1>")
            .then(self.body)
            .raw("</section></main></body></html>");
        let mut style = b64::encode(digest::sha256(STYLE.as_bytes()));
        // 32 bytes take one sign of padding, which the policy's grammar asks for.
        style.push('=');
        let to = self.leads_to.map(|origin| format!(" {origin}")).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'{to}; base-uri 'none'; frame-ancestors 'none'"
        );
        let mut response = (self.status, html.0).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang));
        headers.insert(VARY, HeaderValue::from_static("accept-language, cookie"));
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// The page on which a customer signs in.
pub(crate) fn sign_in(
    lang: Lang,
    action: &str,
    hidden: &[(&'static str, &str)],
    app: &str,
    failed: Option<Failed>,
) -> Page {
    let words = words(lang);
    let mut body = Html::default().raw("<p>").text(words.sign_in_for).raw(" <strong>").text(app).raw("</strong></p>");
    let status = match failed {
        None => StatusCode::OK,
        Some(Failed::Wrong) => StatusCode::FORBIDDEN,
        Some(Failed::TooOften) => StatusCode::TOO_MANY_REQUESTS,
    };
    if let Some(failed) = failed {
        let text = match failed {
            Failed::Wrong => words.sign_in_wrong,
            Failed::TooOften => words.sign_in_too_often,
        };
        body = body.raw("<p class=\"error\" role=\"alert\">").text(text).raw("</p>");
    }
    body = body.raw("<form method=\"post\" action=\"").text(action).raw("\">").hiddens(hidden);
    body = body.raw("<label for=\"login\">").text(words.login).raw(
        "</label><input type=\"text\" id=\"login\" name=\"login\" autocomplete=\"username\" maxlength=\"64\" required>",
    );
    body = body.raw("<label for=\"password\">").text(words.password).raw(
        "</label><input type=\"password\" id=\"password\" name=\"password\" autocomplete=\"current-password\" maxlength=\"128\" required>",
    );
    body = body.raw("<button class=\"yes\" type=\"submit\">").text(words.sign_in).raw("</button></form>");
    Page { lang, status, title: words.sign_in_title, body, leads_to: None }
}

/// Why a sign-in failed, as far as the customer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failed {
    /// Name or password; not which.
    Wrong,
    /// From this address too often.
    TooOften,
}

/// What the customer is asked.
pub(crate) struct Question<'a> {
    pub(crate) customer: &'a str,
    pub(crate) app: &'a str,
    pub(crate) partner: &'a str,
    /// What the app wants to do, each in plain words: what it is about, and what is done with it.
    pub(crate) wishes: &'a [(String, Vec<String>)],
    pub(crate) accounts: &'a [Account],
    pub(crate) until: Instant,
    pub(crate) leads_to: &'a str,
}

/// The page on which a customer decides.
pub(crate) fn consent(lang: Lang, hidden: &[(&'static str, &str)], question: &Question<'_>, failed: bool) -> Page {
    let words = words(lang);
    let mut body = Html::default().raw("<p>").text(question.customer).text(words.asked_by).raw(" <strong>");
    body = body.text(question.app).raw("</strong> (").text(question.partner).raw(")</p><h2>");
    body = body.text(words.wishes).raw("</h2><ul>");
    for (about, doings) in question.wishes {
        body = body.raw("<li>").text(about).raw("<ul>");
        for doing in doings {
            body = body.raw("<li>").text(doing).raw("</li>");
        }
        body = body.raw("</ul></li>");
    }
    body = body.raw("</ul><form method=\"post\" action=\"decision\">").hiddens(hidden);
    body = body.raw("<fieldset><legend>").text(words.accounts).raw("</legend>");
    if failed {
        body = body.raw("<p class=\"error\" role=\"alert\">").text(words.choose_one).raw("</p>");
    }
    for account in question.accounts {
        body = body.raw("<label class=\"choice\"><input type=\"checkbox\" name=\"account:").text(&account.id);
        body = body.raw("\" value=\"1\"> ").text(account.name.get(lang)).raw(" ").text(&account.number);
        body = body.raw(" ").text(&account.currency).raw("</label>");
    }
    body = body.raw("</fieldset><p class=\"quiet\">").text(words.until).raw(" ").text(&day(question.until));
    body = body.raw(". ").text(words.take_back).raw("</p><button class=\"yes\" name=\"decision\" value=\"approve\">");
    body = body.text(words.approve).raw("</button><button class=\"no\" name=\"decision\" value=\"refuse\">");
    body = body.text(words.refuse).raw("</button></form>");
    let status = if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Page { lang, status, title: words.consent_title, body, leads_to: Some(question.leads_to.to_owned()) }
}

/// One consent on the customer's list.
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) app: String,
    pub(crate) partner: String,
    pub(crate) scopes: String,
    pub(crate) accounts: usize,
    pub(crate) given_at: Instant,
    pub(crate) until: Instant,
}

/// The page on which a customer sees who may do what, and takes it back.
pub(crate) fn consents(lang: Lang, csrf: &str, customer: &str, entries: &[Entry]) -> Page {
    let words = words(lang);
    let mut body = Html::default().raw("<p>").text(customer).raw("</p>");
    if entries.is_empty() {
        body = body.raw("<p>").text(words.no_consents).raw("</p>");
    }
    for entry in entries {
        body = body.raw("<form method=\"post\" action=\"consents/revoke\"><h2>").text(&entry.app).raw(" (");
        body = body.text(&entry.partner).raw(")</h2><p>").text(&entry.scopes).raw("<br>").text(words.accounts);
        body = body.raw(": ").text(&entry.accounts.to_string()).raw("<br>").text(words.given).raw(" ");
        body =
            body.text(&day(entry.given_at)).raw("<br>").text(words.until).raw(" ").text(&day(entry.until)).raw("</p>");
        body = body.hidden("csrf", csrf).hidden("consent", &entry.id);
        body = body.raw("<button class=\"no\">").text(words.revoke).raw("</button></form>");
    }
    body = body.raw("<form method=\"post\" action=\"sign-out\">").hidden("csrf", csrf);
    body = body.raw("<button class=\"no\">").text(words.sign_out).raw("</button></form>");
    Page { lang, status: StatusCode::OK, title: words.consents_title, body, leads_to: None }
}

/// The page that says why it does not go on. Never a redirect: whoever came here may have been lured.
pub(crate) fn stopped(lang: Lang, status: StatusCode, what: fn(&Words) -> &'static str, trace_id: &str) -> Page {
    let words = words(lang);
    let body = Html::default().raw("<p role=\"alert\">").text(what(words)).raw("</p><p class=\"quiet\">");
    let body = body.text(words.trace).raw(" ").text(trace_id).raw("</p>");
    Page { lang, status, title: words.stopped_title, body, leads_to: None }
}

/// `2027-01-15`, UTC.
fn day(at: Instant) -> String {
    at.to_string().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_someone_chose_cannot_become_markup() {
        let nasty = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>";
        let question = Question {
            customer: nasty,
            app: nasty,
            partner: nasty,
            wishes: &[(nasty.to_owned(), vec![nasty.to_owned()])],
            accounts: &[],
            until: Instant::default(),
            leads_to: "https://p.example",
        };
        for lang in [Lang::Zh, Lang::En] {
            let entry = Entry {
                id: nasty.into(),
                app: nasty.into(),
                partner: nasty.into(),
                scopes: nasty.into(),
                accounts: 1,
                given_at: Instant::default(),
                until: Instant::default(),
            };
            for page in [
                sign_in(lang, nasty, &[("client_id", nasty)], nasty, Some(Failed::Wrong)),
                consent(lang, &[("csrf", nasty)], &question, true),
                consents(lang, nasty, nasty, &[entry]),
                stopped(lang, StatusCode::BAD_REQUEST, |words| words.stopped_unknown, nasty),
            ] {
                assert!(!page.body.0.contains("<script") && !page.body.0.contains("<img"), "{}", page.body.0);
                assert!(page.body.0.contains("&lt;script&gt;"));
            }
        }
    }

    #[test]
    fn a_page_allows_its_own_style_and_nothing_else() {
        let page = sign_in(Lang::Zh, "/sign-in", &[], "app", None);
        let response = Page { leads_to: Some("https://p.example".into()), ..page }.into_response();
        let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("form-action 'self' https://p.example;") && policy.ends_with("frame-ancestors 'none'"));
        assert_eq!(response.headers()[CONTENT_LANGUAGE], "zh");
    }
}
