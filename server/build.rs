//! Makes sure the folders of the built studio and of our own components exist, so that the server compiles without them.

use std::path::Path;

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
    }
    Ok(())
}
