//! Which functions run from the start of a server until it has accepted an event. `.cargo/linker.sh` lays them together in
//! a release (ADR 0051).
//!
//! A function that is missing from the list costs up to 64 KB of memory at rest, one too many costs its size: the list
//! may be out of date for a while.

use super::workload::Bench;
use crate::{machine, project};
use anyhow::{Context as _, Result, ensure};
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// The list, seen from the root.
const LIST: &str = "server/startup.order";

/// Writes the list anew, from a release build.
pub(crate) fn write() -> Result<()> {
    machine::install_missing(&[&machine::PROFILER])?;
    super::build()?;
    let bench = Bench::new(0, 0)?;
    let profile = bench.scratch().join("startup.profile");
    let by = ["valgrind", "--tool=callgrind", "--demangle=no", "--quiet"].map(str::to_owned);
    let into = format!("--callgrind-out-file={}", profile.display());
    bench.start_by(&[&by[..], &[into]].concat())?;
    let ran = functions(&fs::read_to_string(&profile)?);
    let named = Command::new("nm")
        .args(["--defined-only", "--format=just-symbols"])
        .arg(bench.server())
        .output()
        .context("nm could not be started")?;
    ensure!(named.status.success(), "nm: {}", String::from_utf8_lossy(&named.stderr));
    let own = String::from_utf8(named.stdout)?;
    let own: HashSet<&str> = own.lines().collect();
    let ran: Vec<&str> = ran.iter().map(String::as_str).filter(|name| own.contains(name)).collect();
    ensure!(!ran.is_empty(), "the profile names no function of the server");
    let plain: BTreeSet<String> = plain_names(&ran)?.lines().map(str::to_owned).collect();
    let text: String = plain.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
    fs::write(project::root().join(LIST), text).with_context(|| format!("{LIST} cannot be written"))?;
    println!("{} functions in {LIST}", plain.len());
    Ok(())
}

/// The functions that ran, as the format of callgrind names them: `fn=(7) name` at first, `fn=(7)` after that.
fn functions(profile: &str) -> BTreeSet<String> {
    let named =
        profile.lines().filter_map(|line| line.strip_prefix("fn=").or_else(|| line.strip_prefix("cfn=")));
    let names = named.filter_map(|id| Some(id.split_once(") ")?.1));
    // One that calls itself is counted apart by its depth, as in `name'2`.
    names.map(|name| name.split_once('\'').map_or(name, |(name, _)| name).to_owned()).collect()
}

/// The names as the linker's script compares them.
fn plain_names(names: &[&str]) -> Result<String> {
    let mut script = Command::new(project::root().join(".cargo/linker.sh"))
        .arg("--plain-names")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("the linker's script could not be started")?;
    let mut input = script.stdin.take().context("the linker's script reads")?;
    let text = names.join("\n") + "\n";
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = script.wait_with_output()?;
    writer.join().ok().context("names could not be handed on")??;
    ensure!(output.status.success(), "the linker's script failed");
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_a_profile_are_read_once_each() {
        let profile = "events: Ir\n\nfl=(1) main.rs\nfn=(1) _RNvCs1_1a4main\n12 3\ncfn=(2) walk'2\ncalls=1 0\n3 9\n\nfn=(2)\n4 4\n";
        assert_eq!(functions(profile).into_iter().collect::<Vec<_>>(), ["_RNvCs1_1a4main", "walk"]);
    }

    #[test]
    fn names_are_compared_without_hashes_of_crates() {
        let names =
            ["_RINvNtCsgEmfK2I1SDS_4core3ptr13drop_in_placeNtCs1a_1b1CEB0_.llvm.1174", "sqlite3_open"];
        let plain = plain_names(&names).unwrap();
        assert_eq!(plain, "_RINvNtCs_4core3ptr13drop_in_placeNtCs_1b1CEB0_\nsqlite3_open\n");
    }
}
