//! What must be on the machine: Node for the studio, Chromium, PostgreSQL and wrk for tests and measurements.

use anyhow::{Result, bail, ensure};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The oldest Node that Vite runs on.
const NODE: (u32, u32) = (20, 19);

/// Names under which Chromium is installed.
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Where Debian keeps what it does not put on the search path: a folder for each version, programs in its `bin`.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";

/// A program from the system's packages that tests or measurements need.
pub(crate) struct Needed {
    programs: &'static [&'static str],
    package: &'static str,
    /// A folder with one folder a version, where the programs may be instead of on the search path.
    versions: Option<&'static str>,
}

/// The browser of the studio's tests.
pub(crate) const BROWSER: Needed = Needed { programs: &CHROMIUM, package: "chromium", versions: None };
/// The load generator.
pub(crate) const LOAD: Needed = Needed { programs: &["wrk"], package: "wrk", versions: None };
/// Says which functions a program runs.
pub(crate) const PROFILER: Needed = Needed { programs: &["valgrind"], package: "valgrind", versions: None };
/// The database server that tests of the store start for themselves.
pub(crate) const DATABASE: Needed =
    Needed { programs: &["initdb"], package: "postgresql", versions: Some(POSTGRES_VERSIONS) };

/// The other database server, for tests of its app.
pub(crate) const OTHER_DATABASE: Needed =
    Needed { programs: &["mariadbd"], package: "mariadb-server", versions: None };
/// The server of files over SSH, for tests of its app.
pub(crate) const SSH: Needed = Needed { programs: &["sshd"], package: "openssh-server", versions: None };

/// Shows a server another clock than the machine's.
pub(crate) const CLOCK: Needed = Needed { programs: &["faketime"], package: "faketime", versions: None };

/// Where a program lies on the search path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    // Servers lie where only administrators look.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

impl Needed {
    pub(crate) fn path(&self) -> Option<PathBuf> {
        self.programs.iter().find_map(|program| find(program).or_else(|| self.versioned(program)))
    }

    fn versioned(&self, program: &str) -> Option<PathBuf> {
        let versions = std::fs::read_dir(self.versions?).ok()?;
        let programs = versions.flatten().map(|version| version.path().join("bin").join(program));
        programs.filter(|program| program.is_file()).max()
    }
}

/// Fails with the cure when Node or npm is missing or too old.
pub(crate) fn require_node() -> Result<()> {
    let version = Command::new("node").arg("--version").output();
    let Ok(version) = version else {
        bail!(
            "Node.js {}.{} or newer is needed to build the studio and was not found. On Debian: apt-get install nodejs npm \
             (or see nodejs.org), then run this again",
            NODE.0,
            NODE.1
        );
    };
    let text = String::from_utf8_lossy(&version.stdout);
    ensure!(
        node_version(&text).is_some_and(|found| found >= NODE),
        "Node.js {}.{} or newer is needed, this machine has {}",
        NODE.0,
        NODE.1,
        text.trim()
    );
    ensure!(find("npm").is_some(), "npm is missing. On Debian: apt-get install npm, then run this again");
    Ok(())
}

fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Installs the packages of `needed` that are missing, where that is possible without asking.
///
/// # Errors
/// Says exactly what to run when it cannot install them itself.
pub(crate) fn install_missing(needed: &[&Needed]) -> Result<()> {
    let missing: Vec<&str> =
        needed.iter().filter(|need| need.path().is_none()).map(|need| need.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    // Chromium without any font draws empty boxes.
    let mut packages = missing.clone();
    if missing.contains(&BROWSER.package) {
        packages.push("fonts-liberation");
    }
    install_packages(&packages)
}

/// Installs packages of the system, where that is possible without asking.
///
/// # Errors
/// Says exactly what to run when it cannot install them itself.
pub(crate) fn install_packages(packages: &[&str]) -> Result<()> {
    let by_hand = format!("apt-get install --no-install-recommends {}", packages.join(" "));
    ensure!(
        find("apt-get").is_some(),
        "{} missing; install with your system's packages (Debian: {by_hand})",
        packages.join(" and ")
    );
    println!("  installing {}", packages.join(", "));
    let install: Vec<&str> =
        ["install", "--no-install-recommends"].into_iter().chain(packages.iter().copied()).collect();
    ensure!(
        apt(&install) || (renew_lists() && apt(&install)),
        "{} missing and could not be installed from here. Run as root: {by_hand}",
        packages.join(" and ")
    );
    Ok(())
}

/// Learns which packages there are now; false when that cannot be done from here.
pub(crate) fn renew_lists() -> bool {
    apt(&["update"])
}

fn apt(words: &[&str]) -> bool {
    let prefix: &[&str] = if is_root() { &[] } else { &["sudo", "-n"] };
    let all: Vec<&str> =
        prefix.iter().copied().chain(["apt-get", "-qq", "-y"]).chain(words.iter().copied()).collect();
    Command::new(all[0])
        .args(&all[1..])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|found| found.stdout.starts_with(b"0\n"))
}

#[cfg(test)]
mod tests {
    use super::node_version;

    #[test]
    fn reads_the_version_of_node() {
        assert_eq!(node_version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(node_version("not node"), None);
    }
}
