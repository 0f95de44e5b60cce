//! The page of a hosted form: plain HTML that works without scripts, with every text escaped.

use super::error_pages::STYLE;
use super::forms::HONEYPOT;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt::Write;
use trunkline_engine::trigger::{FormField, FormFieldKind, HostedForm};

/// What a page shows besides its questions.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Answers given before.
    pub(super) given: Map<String, Value>,
    /// What is wrong with them, by field.
    pub(super) wrong: HashMap<String, String>,
}

/// The form as HTML.
pub(super) fn render(form: &HostedForm, page: &Page) -> String {
    let mut html = head(&form.title);
    let _ = write!(html, "<h1>{}</h1>", escaped(&form.title));
    if !form.intro.is_empty() {
        let _ = write!(html, "<p>{}</p>", escaped(&form.intro));
    }
    if !page.wrong.is_empty() {
        html.push_str("<p class=\"wrong\" role=\"alert\">Please correct the marked answers.</p>");
    }
    html.push_str("<form method=\"post\" novalidate>");
    for (place, field) in form.fields.iter().enumerate() {
        question(&mut html, place, field, page);
    }
    let _ = write!(
        html,
        "<div class=\"elsewhere\" aria-hidden=\"true\"><label for=\"hp\">Leave this empty</label>\
         <input id=\"hp\" name=\"{HONEYPOT}\" tabindex=\"-1\" autocomplete=\"off\"></div>"
    );
    let button = if form.button.is_empty() { "Send" } else { &form.button };
    let _ = write!(html, "<button type=\"submit\">{}</button></form></main></body></html>", escaped(button));
    html
}

/// The page after sending.
pub(super) fn thanks(form: &HostedForm) -> String {
    let said =
        if form.thanks.is_empty() { "Thank you. We have received your answers." } else { &form.thanks };
    format!(
        "{}<h1>{}</h1><p role=\"status\">{}</p></main></body></html>",
        head(&form.title),
        escaped(&form.title),
        escaped(said)
    )
}

fn head(title: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body><main>",
        escaped(title)
    )
}

fn question(html: &mut String, place: usize, field: &FormField, page: &Page) {
    let id = format!("f{place}");
    let wrong = page.wrong.get(&field.name);
    let mut marks = String::new();
    if field.required {
        marks.push_str(" required");
    }
    if wrong.is_some() {
        let _ = write!(marks, " aria-invalid=\"true\" aria-describedby=\"{id}-wrong\"");
    }
    let name = escaped(&field.name);
    let given = match page.given.get(&field.name) {
        Some(Value::String(text)) => text.as_str(),
        _ => "",
    };
    let label = label(&id, field);
    let _ = match field.kind {
        FormFieldKind::Checkbox => {
            let ticked = if given.is_empty() { "" } else { " checked" };
            write!(
                html,
                "<div class=\"field\"><div class=\"tick\"><input type=\"checkbox\" id=\"{id}\" name=\"{name}\" value=\"yes\"{ticked}{marks}>{label}</div>"
            )
        }
        FormFieldKind::LongText => {
            write!(
                html,
                "<div class=\"field\">{label}<textarea id=\"{id}\" name=\"{name}\"{marks}>{}</textarea>",
                escaped(given)
            )
        }
        FormFieldKind::Choice => choice(html, &id, field, given, &marks, &label),
        kind => {
            let (kind, complete) = match kind {
                FormFieldKind::Email => ("email", " autocomplete=\"email\""),
                FormFieldKind::Phone => ("tel", " autocomplete=\"tel\""),
                FormFieldKind::Number => ("text\" inputmode=\"decimal", ""),
                _ => ("text", ""),
            };
            write!(
                html,
                "<div class=\"field\">{label}<input type=\"{kind}\" id=\"{id}\" name=\"{name}\" value=\"{}\"{complete}{marks}>",
                escaped(given)
            )
        }
    };
    if let Some(reason) = wrong {
        let _ = write!(html, "<p class=\"wrong\" id=\"{id}-wrong\">{}</p>", escaped(reason));
    }
    html.push_str("</div>");
}

fn label(id: &str, field: &FormField) -> String {
    let text = if field.label.is_empty() { &field.name } else { &field.label };
    let mark = if field.required { "" } else { " <span class=\"mark\">(optional)</span>" };
    format!("<label for=\"{id}\">{}{mark}</label>", escaped(text))
}

fn choice(
    html: &mut String,
    id: &str,
    field: &FormField,
    given: &str,
    marks: &str,
    label: &str,
) -> std::fmt::Result {
    write!(
        html,
        "<div class=\"field\">{label}<select id=\"{id}\" name=\"{}\"{marks}>",
        escaped(&field.name)
    )?;
    html.push_str("<option value=\"\">Please choose</option>");
    for option in &field.options {
        let chosen = if option == given { " selected" } else { "" };
        let option = escaped(option);
        write!(html, "<option value=\"{option}\"{chosen}>{option}</option>")?;
    }
    html.push_str("</select>");
    Ok(())
}

pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_written_by_people_becomes_markup() {
        let evil = "\"><script>alert(1)</script>";
        let form = HostedForm {
            path: "x".into(),
            title: evil.into(),
            intro: evil.into(),
            button: evil.into(),
            thanks: evil.into(),
            fields: vec![FormField {
                name: evil.into(),
                label: evil.into(),
                kind: FormFieldKind::Choice,
                required: true,
                options: vec![evil.into()],
            }],
        };
        let mut page = Page::default();
        page.given.insert(evil.into(), Value::from(evil));
        page.wrong.insert(evil.into(), evil.into());
        for html in [render(&form, &page), thanks(&form)] {
            assert!(!html.contains("<script"), "{html}");
        }
    }

    #[test]
    fn every_question_has_a_label_and_names_its_error() {
        let fields = vec![FormField {
            name: "email".into(),
            label: "Work e-mail".into(),
            kind: FormFieldKind::Email,
            required: true,
            options: Vec::new(),
        }];
        let form = HostedForm {
            path: "x".into(),
            title: "T".into(),
            intro: String::new(),
            button: String::new(),
            thanks: String::new(),
            fields,
        };
        let mut page = Page::default();
        page.wrong.insert("email".into(), "No.".into());
        let html = render(&form, &page);
        assert!(html.contains("<label for=\"f0\">Work e-mail</label>"), "{html}");
        assert!(html.contains("aria-describedby=\"f0-wrong\"") && html.contains("id=\"f0-wrong\""), "{html}");
    }
}
