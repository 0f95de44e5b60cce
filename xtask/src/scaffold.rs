//! `cargo xtask new`: a new file in the shape of its kind, so that nobody copies an old one.

use crate::project;
use anyhow::{Result, ensure};
use std::fs;

/// Writes `engine/src/steps/<name>.rs` and says what is left to do by hand.
pub(crate) fn step(name: &str) -> Result<()> {
    ensure!(
        is_kind_name(name),
        "\"{name}\" is no kind name: lower-case letters, digits and _, beginning with a letter"
    );
    let path = project::root().join("engine/src/steps").join(format!("{name}.rs"));
    ensure!(!path.exists(), "{} exists already", path.display());
    fs::write(&path, step_file(name))?;
    println!("wrote engine/src/steps/{name}.rs");
    println!("next: name it in engine/src/steps/mod.rs, say what it does, then: cargo xtask reference");
    Ok(())
}

/// Writes `connectors/apps/<name>.yaml` and says what is left to do by hand.
pub(crate) fn connector(name: &str) -> Result<()> {
    ensure!(
        is_kind_name(name),
        "\"{name}\" is no name of an app: lower-case letters, digits and _, beginning with a letter"
    );
    let path = project::root().join("connectors/apps").join(format!("{name}.yaml"));
    ensure!(!path.exists(), "{} exists already", path.display());
    fs::write(&path, connector_file(name))?;
    println!("wrote connectors/apps/{name}.yaml");
    println!("next: docs/guides/add-a-connector.md, then: cargo nextest run -p trunkline-connectors");
    Ok(())
}

/// The template is a manifest that works as it stands.
fn connector_file(name: &str) -> String {
    CONNECTOR.replace("NAME", name).replace("TITLE", &title(name))
}

const CONNECTOR: &str = include_str!("connector.yaml.txt");

fn is_kind_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The template compiles as it stands: a step that hands its one setting on.
fn step_file(name: &str) -> String {
    let title = title(name);
    TEMPLATE.replace("NAME", name).replace("TITLE", &title)
}

/// `wait_until` becomes `Wait until`.
fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

const TEMPLATE: &str = include_str!("step.rs.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_titles() {
        assert!(
            is_kind_name("wait_until") && !is_kind_name("Wait") && !is_kind_name("1st") && !is_kind_name("")
        );
        assert_eq!(title("wait_until"), "Wait until");
        assert!(connector_file("acme").contains("id: acme\nname: Acme\n"));
        assert!(step_file("wait_until").contains("kind: \"wait_until\","));
    }
}
