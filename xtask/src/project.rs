//! Where things are: the root of the repository, its files, its build folder.

use anyhow::{Context as _, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the root of the repository").to_owned()
}

/// Cargo's build folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The server as built by the profile that serves run, check and test alike.
pub(crate) fn server_binary() -> PathBuf {
    target().join("debug").join("trunkline")
}

/// Builds the server with cargo's own progress display. Of the whole workspace, as tests are: a package alone asks less of
/// its dependencies, which would be compiled a second time.
pub(crate) fn build_server() -> Result<()> {
    let built = cargo().args(["build", "--workspace", "--bin", "trunkline"]).status();
    let built = built.context("cargo could not be started")?;
    ensure!(built.success(), "the server did not build; the compiler's messages are above");
    Ok(())
}

/// The cargo that started us, so that a chosen toolchain stays chosen, in the environment of a shell.
///
/// `cargo run` tells us which package we are. Build scripts that watch those variables would take our
/// cargo for another one than a shell's, and compile half the tree again at every change between both.
pub(crate) fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(describes_this_package) {
            command.env_remove(name);
        }
    }
    command
}

fn describes_this_package(name: &str) -> bool {
    const EXACT: [&str; 4] =
        ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_BIN_NAME", "CARGO_CRATE_NAME"];
    name.starts_with("CARGO_PKG_") || EXACT.contains(&name)
}

/// Every file git knows or would take, with `/` between folders, relative to the root.
pub(crate) fn files() -> Result<Vec<String>> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()
        .context("git is needed to list the files of the project")?;
    ensure!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr).trim());
    let names = String::from_utf8(listed.stdout).context("a file name is not UTF-8")?;
    // A file deleted but not yet committed is still listed.
    Ok(names
        .split('\0')
        .filter(|name| !name.is_empty() && root().join(name).is_file())
        .map(str::to_owned)
        .collect())
}
