//! Carries every manifest in `apps/` inside the crate, so that adding an app is adding one file.

use std::path::Path;
use std::{env, fs};

fn main() {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("apps");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("the folder of manifests is part of the crate")
        .map(|entry| entry.expect("a listed file can be read").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    names.sort();
    let mut code = String::from(
        "/// Id and text of every manifest of this build.\nconst BUILT_IN: &[(&str, &str)] = &[\n",
    );
    for name in names {
        let path = folder.join(&name);
        let id = name.trim_end_matches(".yaml");
        code.push_str(&format!("    ({id:?}, include_str!({:?})),\n", path.display().to_string()));
    }
    code.push_str("];\n");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("apps.rs");
    fs::write(out, code).expect("the output folder can be written");
}
