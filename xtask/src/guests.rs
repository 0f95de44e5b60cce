//! Rust for plugins: what Cargo needs to hear to build for WebAssembly on this machine.
//!
//! Where rustup can bring the target, nothing. Else Debian's second compiler builds the standard library from its sources.

use crate::{machine, project};
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What plugins are built for.
const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's second compiler, newer than its first.
const SECOND: &str = "/usr/bin/rustc";
/// Where its sources of the standard library lie, below its own folder.
const SOURCES: &str = "lib/rustlib/src/rust/library/Cargo.lock";
/// Where the variables are written down for tests that build plugins themselves, a line each.
const WRITTEN: &str = "target/plugins/environment";

/// The variables under which Cargo builds plugins here. They are written down for tests too.
pub(crate) fn environment() -> Result<Vec<(String, String)>> {
    let variables = if has_target("rustc") || added_by_rustup() { Vec::new() } else { by_debian()? };
    let lines: Vec<String> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path = project::root().join(WRITTEN);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, lines.join("\n"))?;
    Ok(variables)
}

fn said(program: &str, words: &[&str]) -> Option<String> {
    let output = Command::new(program).args(words).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Whether the standard library for the target lies beside this compiler.
fn has_target(compiler: &str) -> bool {
    said(compiler, &["--print", "target-libdir", "--target", TARGET])
        .is_some_and(|folder| Path::new(&folder).exists())
}

fn added_by_rustup() -> bool {
    said("rustup", &["target", "add", TARGET]).is_some() && has_target("rustc")
}

fn by_debian() -> Result<Vec<(String, String)>> {
    if !has_sources() {
        // What a machine came with may be a release too old to build with.
        machine::renew_lists();
        machine::install_packages(&["rustc-web", "rust-web-src"])?;
    }
    ensure!(
        has_sources(),
        "plugins in Rust are built for {TARGET}, which is missing: run rustup target add {TARGET}, or on Debian \
         apt-get install rustc-web rust-web-src"
    );
    let linker = linker()?.to_string_lossy().into_owned();
    let variables = [
        ("RUSTC", SECOND),
        // The standard library is built with the words of the compiler's own developers.
        ("RUSTC_BOOTSTRAP", "1"),
        ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
        ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &linker),
    ];
    Ok(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
}

fn has_sources() -> bool {
    said(SECOND, &["--print", "sysroot"]).is_some_and(|root| Path::new(&root).join(SOURCES).exists())
}

/// The linker that comes with rustup's compiler.
fn linker() -> Result<PathBuf> {
    let folder = said("rustc", &["--print", "target-libdir"]).map(PathBuf::from);
    let linker = folder.and_then(|folder| Some(folder.parent()?.join("bin/rust-lld")));
    let found = linker.filter(|linker| linker.exists()).or_else(|| machine::find("wasm-ld"));
    found.ok_or_else(|| anyhow::anyhow!("no linker for WebAssembly; on Debian: apt-get install lld"))
}
