//! `trunkline-quality [GROUP ...]`: what `cargo xtask bench quality` runs. One JSON line per measure.
//!
//! A group is a file with one function from the folder of shared data to its measures; [`GROUPS`] lists them. A group
//! only ever calls what the product calls, and reads truth only to count: no group may choose anything by it.
//!
//! The data lies beside the repository (`../shared/data`, or `data` in `TRUNKLINE_SHARED`) and is never copied into it.

#![allow(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

mod accounts;
mod measure;
mod million;
mod pairs;
mod people;
mod table;

use anyhow::{Context as _, Result};
use measure::Measure;
use std::path::{Path, PathBuf};

/// What measures one group.
type Group = fn(&Path) -> Result<Vec<Measure>>;

/// The groups by name, in the order they run.
const GROUPS: [(&str, Group); 3] =
    [("candidates", million::measure), ("people", people::measure), ("accounts", accounts::measure)];

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for name in &wanted {
        let known = GROUPS.map(|(name, _)| name).join(", ");
        GROUPS
            .iter()
            .find(|(group, _)| group == name)
            .with_context(|| format!("there is no group {name}; there are {known}"))?;
    }
    let data = data_folder();
    for (name, group) in GROUPS {
        if wanted.is_empty() || wanted.iter().any(|group| group == name) {
            for measure in group(&data).with_context(|| format!("measuring {name}"))? {
                println!("{}", measure.line());
            }
        }
    }
    Ok(())
}

/// Where the shared data lies.
fn data_folder() -> PathBuf {
    let shared = std::env::var_os("TRUNKLINE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    shared.join("data")
}
