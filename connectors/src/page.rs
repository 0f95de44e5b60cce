//! The reference page of an app, in Markdown: generated from its manifest like everything else about it.

use crate::manifest::Manifest;
use crate::manifest::action::Action;
use serde_json::Value;
use std::fmt::Write;

/// The page of `manifest`.
#[must_use]
pub fn app_page(manifest: &Manifest) -> String {
    let mut page = format!("# {}\n\n{}\n\n", manifest.name, manifest.summary);
    if !manifest.help.trim().is_empty() {
        let _ = write!(page, "{}\n\n", manifest.help.trim());
    }
    page.push_str("## Signing in\n\n");
    for auth in &manifest.auth {
        let entries: Vec<String> = auth.entries().into_iter().map(|entry| entry.title).collect();
        let _ = write!(page, "- **{}**: {}", auth.title, entries.join(", "));
        page.push_str(if auth.help.trim().is_empty() { "\n" } else { ". " });
        if !auth.help.trim().is_empty() {
            let _ = writeln!(page, "{}", auth.help.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    page.push_str("\n## Limits\n\n");
    let limits = &manifest.limits;
    if let Some(bucket) = limits.bucket {
        let _ = writeln!(page, "- {} calls within any {} s", bucket.calls, bucket.seconds);
    }
    if let Some(at_once) = limits.at_once {
        let _ = writeln!(page, "- {at_once} calls at once");
    }
    if let Some(daily) = limits.daily {
        let _ = writeln!(page, "- {daily} calls a day");
    }
    if manifest.settings.values().any(|schema| schema.get("x-limit").is_some()) {
        page.push_str("- what whoever connects it says\n");
    } else if limits.bucket.is_none() && limits.at_once.is_none() && limits.daily.is_none() {
        page.push_str("- none are known\n");
    }
    for (name, action) in &manifest.actions {
        section(&mut page, &manifest.kind_of(name), action);
    }
    page
}

fn section(page: &mut String, kind: &str, action: &Action) {
    let _ = write!(page, "\n## {}\n\n`{kind}`: {}\n\n", action.title, action.summary);
    if !action.help.trim().is_empty() {
        let _ = write!(page, "{}\n\n", action.help.trim());
    }
    if !action.input.properties.is_empty() {
        page.push_str("| Input | | |\n|---|---|---|\n");
        for (name, schema) in &action.input.properties {
            let text = |field: &str| schema.get(field).and_then(Value::as_str).unwrap_or_default();
            let must = if action.input.required.contains(name) { "must be given" } else { "" };
            let about = text("description").replace('|', "\\|");
            let _ = writeln!(page, "| `{name}` {} | {must} | {about} |", text("title"));
        }
        page.push('\n');
    }
    let promise = action.write.as_ref().map_or("Only reads.", |write| write.in_words());
    let _ = writeln!(page, "{promise}");
    let shown = action.examples.iter().find_map(|example| Some((example, example.output.as_ref()?)));
    if let Some((example, output)) = shown {
        let input = Value::Object(example.input.clone());
        let _ = write!(
            page,
            "\nExample, {}:\n\n```json\n{input:#}\n```\n\nputs out\n\n```json\n{output:#}\n```\n",
            crate::step::lower_first(&example.title)
        );
    }
}

/// The list of all pages.
#[must_use]
pub fn app_index<'a>(manifests: impl Iterator<Item = &'a Manifest>) -> String {
    let mut page = String::from(
        "# Apps\n\nGenerated from the manifests in `connectors/apps`; [adding one](../../guides/add-a-connector.md).\n\n",
    );
    for manifest in manifests {
        let _ = writeln!(page, "- [{}]({}.md): {}", manifest.name, manifest.id, manifest.summary);
    }
    page
}
