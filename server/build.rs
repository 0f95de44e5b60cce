//! Makes sure the folders of the built studio and of our own components exist, so that the server compiles without them,
//! and links a release so that less of it lies in memory.

use std::path::Path;
use std::process::Command;

/// The first release of the GNU C library that starts programs with packed relocations.
const PACKS: (u32, u32) = (2, 36);

fn main() -> std::io::Result<()> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it for build scripts");
    let dist = Path::new(&manifest).join("../studio/dist");
    std::fs::create_dir_all(&dist)?;
    let components = Path::new(&manifest).join("../plugins/dist");
    std::fs::create_dir_all(&components)?;
    println!("cargo:rerun-if-changed=build.rs");
    // A development build reads these files while it runs; only a release carries them inside, so only
    // a release is built again when they change.
    if std::env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed={}", dist.display());
        println!("cargo:rerun-if-changed={}", components.display());
        println!("cargo:rerun-if-changed={}", Path::new(&manifest).join("../docs/errors").display());
        // Both are what the linker goes by.
        println!("cargo:rerun-if-changed=startup.order");
        println!("cargo:rerun-if-changed=../.cargo/linker.sh");
        if is_for_this_machine() && c_library().is_some_and(|version| version >= PACKS) {
            // 3 MB of addresses to be corrected at every start become 100 KB.
            println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        }
    }
    Ok(())
}

fn is_for_this_machine() -> bool {
    std::env::var_os("HOST").is_some_and(|host| Some(host) == std::env::var_os("TARGET"))
}

/// The version of the GNU C library here, if there is one: `ldd` says it last on its first line.
fn c_library() -> Option<(u32, u32)> {
    let said = Command::new("ldd").arg("--version").output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let first = said.lines().next().filter(|line| line.to_uppercase().contains("LIBC"))?;
    let (major, minor) = first.split_whitespace().last()?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
