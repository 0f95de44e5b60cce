//! The studio's side of the build: packages when the lock changed, a bundle when sources changed.

use crate::{machine, project, task};
use anyhow::{Result, ensure};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The studio's folder.
pub(crate) fn folder() -> PathBuf {
    project::root().join("studio")
}

/// Installs packages if `package-lock.json` is not the one they were installed from.
pub(crate) fn install() -> Result<()> {
    machine::require_node()?;
    let lock = fingerprint(&[folder().join("package-lock.json")])?;
    let stamp = folder().join("node_modules/.trunkline-lock");
    if is_fresh(&stamp, &lock) {
        return Ok(());
    }
    println!("  studio: installing packages");
    let outcome = task::run("npm ci", &mut npm(&["ci", "--no-audit", "--no-fund"]))?;
    if !outcome.success {
        install_what_the_registry_has()?;
    }
    fs::write(stamp, lock)?;
    Ok(())
}

/// A registry mirror may lack packages built for other platforms; a lock written from it lacks them
/// too, and `npm ci` refuses such a lock. `npm install` takes the same versions and passes those over.
fn install_what_the_registry_has() -> Result<()> {
    let lock = folder().join("package-lock.json");
    let before = fs::read(&lock)?;
    let outcome = task::run("npm install", &mut npm(&["install", "--no-audit", "--no-fund"]))?;
    // What was locked stays locked, whatever npm would like to note down.
    fs::write(&lock, before)?;
    ensure!(outcome.success, "the studio's packages could not be installed\n{}", outcome.tail());
    Ok(())
}

/// Installs packages and builds the bundle, each only if something changed since.
pub(crate) fn build() -> Result<()> {
    install()?;
    let sources: Vec<PathBuf> = project::files()?
        .into_iter()
        .filter(|file| file.starts_with("studio/") && !file.contains(".test."))
        .map(|file| project::root().join(file))
        .collect();
    let state = fingerprint(&sources)?;
    // The stamp lies inside: a bundle removed by hand takes its stamp along.
    let stamp = folder().join("dist/.trunkline-sources");
    if is_fresh(&stamp, &state) {
        return Ok(());
    }
    println!("  studio: bundling");
    let outcome = task::run("vite build", &mut npm(&["run", "--silent", "build"]))?;
    ensure!(outcome.success, "the studio did not build\n{}", outcome.tail());
    fs::write(stamp, state)?;
    println!("  studio: ready");
    Ok(())
}

/// npm in the studio's folder.
pub(crate) fn npm(words: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(words).current_dir(folder()).env("NO_COLOR", "1").env("CI", "1");
    command
}

pub(crate) fn is_fresh(stamp: &Path, state: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|written| written == state)
}

/// A number that changes when a name or a content changes.
pub(crate) fn fingerprint(files: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(file)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_follows_names_and_contents() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        fs::write(&one, "a").unwrap();
        fs::write(&two, "a").unwrap();
        let first = fingerprint(std::slice::from_ref(&one)).unwrap();
        assert_ne!(first, fingerprint(std::slice::from_ref(&two)).unwrap());
        fs::write(&one, "b").unwrap();
        assert_ne!(first, fingerprint(&[one]).unwrap());
    }
}
