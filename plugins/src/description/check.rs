//! What a description has to keep to.

use super::{Capabilities, Description, Effect, FORMAT, StepAbout, Version};
use serde_json::Value;
use std::collections::HashSet;

/// Most steps of a plugin.
const MOST_STEPS: usize = 50;
/// Most hosts or apps that a plugin names.
const MOST_NAMED: usize = 50;
/// Most fields of a form.
const MOST_FIELDS: usize = 100;
/// Deepest that anything is nested.
const DEEPEST: usize = 16;
/// Longest help, in characters.
const LONGEST_HELP: usize = 20_000;

/// Whether all of it can be shown, stored and used.
///
/// # Errors
/// The first thing that is wrong, in one sentence.
pub fn check(about: &Description) -> Result<(), String> {
    if about.format != FORMAT {
        return Err(format!("it is written in format {}, and this server reads {FORMAT}", about.format));
    }
    name("its name", &about.name, b'-')?;
    about.version.parse::<Version>()?;
    line("its title", &about.title, 60)?;
    line("its summary", &about.summary, 300)?;
    help(&about.help)?;
    icon(&about.icon)?;
    reach(&about.capabilities)?;
    if about.steps.is_empty() || about.steps.len() > MOST_STEPS {
        return Err(format!("it has {} steps; 1 to {MOST_STEPS} are allowed", about.steps.len()));
    }
    let mut names = HashSet::new();
    for each in &about.steps {
        if !names.insert(each.name.as_str()) {
            return Err(format!("two of its steps are called {}", each.name));
        }
        step(each, &about.capabilities).map_err(|wrong| format!("step {}: {wrong}", shown(&each.name)))?;
    }
    Ok(())
}

/// A stranger's text, fit for a sentence of ours.
fn shown(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(60).collect()
}

fn name(what: &str, text: &str, joiner: u8) -> Result<(), String> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == joiner;
    let fits = (1..=40).contains(&text.len())
        && text.bytes().all(is_letter)
        && text.as_bytes()[0].is_ascii_lowercase()
        && !text.ends_with(char::from(joiner));
    let joined = if joiner == b'-' { "dashes" } else { "underscores" };
    if fits {
        Ok(())
    } else {
        Err(format!("{what} \"{}\" must be 1 to 40 small letters, digits and {joined}", shown(text)))
    }
}

/// Whether `text` can be a name whose words `joiner` joins.
pub(crate) fn is_name(text: &str, joiner: u8) -> bool {
    name("", text, joiner).is_ok()
}

/// Whether `text` can be shown as one line.
pub(crate) fn is_shown(text: &str, longest: usize) -> bool {
    line("", text, longest).is_ok()
}

fn line(what: &str, text: &str, longest: usize) -> Result<(), String> {
    if text.chars().any(is_unfit) {
        return Err(format!("{what} holds characters that cannot be shown"));
    }
    match text.trim().chars().count() {
        0 => Err(format!("{what} is missing")),
        count if count > longest => Err(format!("{what} is longer than {longest} characters")),
        _ => Ok(()),
    }
}

/// Control characters move a terminal's cursor; marks of direction make a text look like another.
fn is_unfit(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn help(text: &str) -> Result<(), String> {
    if text.chars().any(|letter| letter != '\n' && letter != '\t' && is_unfit(letter)) {
        return Err("its help holds characters that cannot be shown".into());
    }
    if text.chars().count() > LONGEST_HELP {
        return Err(format!("its help is longer than {LONGEST_HELP} characters"));
    }
    Ok(())
}

fn icon(text: &str) -> Result<(), String> {
    let fits = (1..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if fits { Ok(()) } else { Err("its icon is no name of an icon".into()) }
}

fn reach(wanted: &Capabilities) -> Result<(), String> {
    if wanted.hosts.len() > MOST_NAMED || wanted.connections.len() > MOST_NAMED {
        return Err(format!("it names more than {MOST_NAMED} hosts or apps"));
    }
    for host in &wanted.hosts {
        if !is_host(host) {
            return Err(format!("\"{}\" is no host such as api.example.com or *.example.com", shown(host)));
        }
    }
    wanted.connections.iter().try_for_each(|app| name("the app", app, b'-'))
}

/// A host as capabilities name it. One name for everything below a public ending would be no limit at all.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0)) {
        return false;
    }
    let (host, least) = match host.strip_prefix("*.") {
        Some(parent) => (parent, 2),
        None => (host, 1),
    };
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && labels.len() >= least && labels.iter().all(is_label)
}

fn step(about: &StepAbout, wanted: &Capabilities) -> Result<(), String> {
    name("its name", &about.name, b'_')?;
    line("its title", &about.title, 60)?;
    line("its summary", &about.summary, 300)?;
    help(&about.help)?;
    about.icon.as_deref().map_or(Ok(()), icon)?;
    if about.keywords.len() > 20 {
        return Err("it has more than 20 keywords".into());
    }
    about.keywords.iter().try_for_each(|word| line("a keyword", word, 40))?;
    if about.repeatable && about.effect != Effect::Write {
        return Err("only a step that writes says whether it is repeatable".into());
    }
    if about.effect == Effect::Read
        && wanted.hosts.is_empty()
        && wanted.connections.is_empty()
        && !wanted.state
    {
        return Err("it reads, and the plugin asks to reach nothing".into());
    }
    form(&about.settings)?;
    let fields = &about.settings["properties"];
    for field in about.defaults.keys() {
        if fields.get(field).is_none() {
            return Err(format!("its defaults name a setting that it does not have: {}", shown(field)));
        }
    }
    if about.ports.len() > 20 {
        return Err("it has more than 20 ways out".into());
    }
    let mut ports = HashSet::new();
    for port in &about.ports {
        name("its port", &port.id, b'_')?;
        if port.id == "error" || !ports.insert(port.id.as_str()) {
            return Err(format!("its port \"{}\" is taken", port.id));
        }
        line("the label of a port", &port.label, 40)?;
    }
    if about.examples.is_empty() || about.examples.len() > 20 {
        return Err("it needs 1 to 20 examples".into());
    }
    for example in &about.examples {
        if let Some(unknown) = example.settings.keys().find(|name| fields.get(*name).is_none()) {
            return Err(format!("an example names a setting that it does not have: {}", shown(unknown)));
        }
        let is_port = |port: &String| ports.contains(port.as_str()) || (ports.is_empty() && port == "out");
        if example.port.as_ref().is_some_and(|port| !is_port(port)) {
            return Err("an example leaves by a port that it does not have".into());
        }
    }
    Ok(())
}

/// A form that the studio can draw: an object with fields.
fn form(schema: &Value) -> Result<(), String> {
    let fields = schema.get("properties").and_then(Value::as_object);
    let (Some("object"), Some(fields)) = (schema.get("type").and_then(Value::as_str), fields) else {
        return Err("its settings are no JSON Schema of an object with properties".into());
    };
    if fields.len() > MOST_FIELDS {
        return Err(format!("it has more than {MOST_FIELDS} settings"));
    }
    if depth(schema) > DEEPEST {
        return Err(format!("its settings are nested more than {DEEPEST} deep"));
    }
    for (field, schema) in fields {
        name("its setting", field, b'_')?;
        for text in ["title", "description"] {
            if let Some(said) = schema.get(text) {
                let said = said.as_str().ok_or_else(|| format!("the {text} of {field} is no text"))?;
                line(&format!("the {text} of {field}"), said, 300)?;
            }
        }
        // Forms are drawn by what stands in them; nothing is fetched.
        if schema.get("$ref").is_some() {
            return Err(format!("the setting {field} refers to a schema elsewhere"));
        }
    }
    let required = schema.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if required.iter().any(|name| name.as_str().is_none_or(|name| !fields.contains_key(name))) {
        return Err("a setting is required that it does not have".into());
    }
    Ok(())
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
