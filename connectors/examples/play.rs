//! Plays the recorded examples of manifests without building them in:
//! `cargo run -p trunkline-connectors --example play -- connectors/apps/acme.yaml`.

#![allow(clippy::print_stdout, reason = "a command for people who write manifests")]

use std::process::ExitCode;
use std::sync::Arc;
use trunkline_connectors::manifest::Manifest;
use trunkline_connectors::recorded::play_all;

fn main() -> ExitCode {
    let mut is_fine = true;
    for path in std::env::args().skip(1) {
        let manifest = std::fs::read_to_string(&path)
            .map_err(|error| error.to_string())
            .and_then(|text| Manifest::read(&text).map_err(|refused| refused.to_string()));
        match manifest.map(|manifest| play_all(&Arc::new(manifest))) {
            Ok(Ok(played)) => println!("{path}: {played} examples come out as recorded"),
            Ok(Err(wrong)) => {
                is_fine = false;
                println!("{path}:\n  {}", wrong.join("\n  "));
            }
            Err(problem) => {
                is_fine = false;
                println!("{path}: {problem}");
            }
        }
    }
    if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
