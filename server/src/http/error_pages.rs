//! `/docs/errors/<code>`: the page about an error, readable without the studio and without signing in.

use super::problem;
use crate::assets::ErrorPages;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use pulldown_cmark::{Options, Parser, html};

/// One page.
pub async fn show(Path(code): Path<String>) -> Response {
    let code = code.trim_end_matches(".md").to_ascii_uppercase();
    let known = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let Some(page) = ErrorPages::get(&format!("{code}.md")).filter(|_| known) else {
        return problem::NO_ROUTE.because(format!("there is no page about {code}")).into_response();
    };
    Html(render(&code, &String::from_utf8_lossy(&page.data))).into_response()
}

fn render(title: &str, markdown: &str) -> String {
    let mut text = String::new();
    html::push_html(&mut text, Parser::new_ext(markdown, Options::ENABLE_TABLES));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} · Trunkline</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head>\
         <body><main>{text}<p><a href=\"/\">Back to the studio</a></p></main></body></html>"
    )
}

/// Shared with the hosted forms: calm, readable, dark when the reader prefers it.
pub const STYLE: &str = include_str!("page.css");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_become_html() {
        let page = render("API-0002", "# API-0002\n\nSome *text*.");
        assert!(page.contains("<h1>API-0002</h1>") && page.contains("<em>text</em>"), "{page}");
    }
}
