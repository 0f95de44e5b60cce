//! Files that are no plugins, plugins that lie about themselves, and files that change.

use crate::{HOST, limits};
use serde_json::json;
use std::time::Duration;
use tempfile::TempDir;
use trunkline_engine::failure::Failure;
use trunkline_plugins::host::{Compiler, Host, Settings, Terms};
use trunkline_plugins::{Capabilities, Description};
use trunkline_tests::component::{ECHO, Text, about};

fn terms() -> Terms {
    Terms { name: "p".into(), capabilities: Capabilities::default(), limits: limits() }
}

async fn refused(file: &[u8]) -> Failure {
    HOST.load(file, terms()).await.unwrap_err()
}

#[tokio::test]
async fn what_is_no_component_is_refused_before_it_costs_anything() {
    for file in [&b""[..], b"\0asm", b"\x7fELF\x02\x01\x01\0", b"#!/bin/sh\nexit 1\n", &[0; 4096]] {
        assert_eq!(refused(file).await.code, "PLUG-0001");
    }
    let core = wat::parse_str("(module)").unwrap();
    assert!(refused(&core).await.message.contains("core module"));
    let huge = vec![0; 32 * 1024 * 1024 + 1];
    assert!(refused(&huge).await.message.contains("larger than 32 MiB"));
}

#[tokio::test]
async fn a_file_that_is_cut_off_or_damaged_is_refused() {
    let whole = Text::pure("p", ECHO).component();
    for part in [9, whole.len() / 4, whole.len() / 2, whole.len() - 1] {
        assert_eq!(refused(&whole[..part]).await.code, "PLUG-0001", "{part} bytes");
    }
    // A bit may fall where it changes nothing that is checked, such as a name; then the plugin is another, and its
    // SHA-256 says so. It never harms the host.
    let mut taken = 0;
    for at in (8..whole.len()).step_by(97) {
        let mut flipped = whole.clone();
        flipped[at] ^= 4;
        match HOST.load(&flipped, terms()).await {
            Ok(_) => taken += 1,
            Err(failure) => assert!(matches!(&*failure.code, "PLUG-0001" | "PLUG-0002"), "{failure}"),
        }
    }
    let tried = (8..whole.len()).step_by(97).count();
    assert!(taken < tried, "some damage is seen");
}

#[tokio::test]
async fn a_component_that_wants_more_than_there_is_is_refused() {
    let wants = r#"(component (import "wasi:filesystem/preopens@0.2.0" (instance)) (import "trunkline:plugin/log@1.0.0" (instance)))"#;
    let failure = refused(&wat::parse_str(wants).unwrap()).await;
    assert_eq!(failure.code, "PLUG-0002");
    assert!(failure.message.contains("wasi:filesystem/preopens"), "{failure}");
    assert_eq!(
        refused(&wat::parse_str("(component)").unwrap()).await.code,
        "PLUG-0001",
        "it exports nothing"
    );
}

#[tokio::test]
async fn a_component_for_another_interface_is_refused_with_its_version() {
    for version in ["0.9.0", "1.0.1", "1.1.0", "2.0.0"] {
        let other = Text::pure("p", ECHO).text().replace("@1.0.0", &format!("@{version}"));
        let failure = refused(&wat::parse_str(other).unwrap()).await;
        assert_eq!(failure.code, "PLUG-0022", "{version}");
        assert!(failure.message.contains(version) && failure.message.contains("1.0.0"), "{failure}");
    }
}

#[tokio::test]
async fn a_component_that_compiles_for_minutes_is_given_up() {
    // One function of more than a million instructions, each of which needs what came before.
    let mut body = String::from("(local.get 0)");
    for _ in 0..400_000 {
        body.push_str("(local.tee 0 (i32.rotl (i32.add (local.get 0)) (local.get 1)))");
    }
    let mut text = Text::pure("p", ECHO);
    text.more = format!("(func $long (param i32 i32) (result i32) {body})");
    let compiler = Compiler::Child(trunkline_tests::binary());
    let soon = Duration::from_secs(1);
    let host = Host::new(Settings { compiler, compile_within: Some(soon), ..Settings::default() });
    let failure = host.load(&text.component(), terms()).await.unwrap_err();
    assert_eq!(failure.code, "PLUG-0004");
    assert!(failure.message.contains("longer than"), "{failure}");
    // The next one is compiled by the same host.
    let compiler = Compiler::Child(trunkline_tests::binary());
    let host = Host::new(Settings { compiler, ..Settings::default() });
    host.load(&Text::pure("p", ECHO).component(), terms()).await.unwrap();
}

async fn said(text: &Text) -> Result<Description, Failure> {
    let loaded = HOST.load(&text.component(), terms()).await.unwrap();
    HOST.describe(&loaded).await
}

#[tokio::test]
async fn a_description_that_cannot_be_believed_is_refused() {
    let mut nonsense = Text::pure("p", ECHO);
    nonsense.about = json!("I am a plugin");
    assert_eq!(said(&nonsense).await.unwrap_err().code, "PLUG-0003");
    let mut escapes = Text::pure("p", ECHO);
    escapes.about["title"] = json!("\u{1b}[31mTrusted");
    let failure = said(&escapes).await.unwrap_err();
    assert_eq!(failure.code, "PLUG-0003");
    assert!(!failure.message.contains('\u{1b}'));
    let mut everything = Text::pure("p", ECHO);
    everything.about["capabilities"] = json!({"hosts": ["*"]});
    assert_eq!(said(&everything).await.unwrap_err().code, "PLUG-0003");
    let mut endless = Text::pure("p", ECHO);
    endless.describe = Some("(loop $on (br $on)) (unreachable)".into());
    assert_eq!(said(&endless).await.unwrap_err().code, "PLUG-0011");
    let mut huge = Text::of(about("p", "pure"), ECHO);
    huge.about["help"] = json!("x".repeat(50_000));
    assert_eq!(said(&huge).await.unwrap_err().code, "PLUG-0003");
}

/// A host that keeps what it compiled in `folder`.
fn keeping(folder: &TempDir, seal: u8) -> Host {
    let cache = Some(folder.path().to_owned());
    Host::new(Settings { cache, seal: [seal; 32], ..Settings::default() })
}

fn only_file(folder: &TempDir) -> std::path::PathBuf {
    let mut files = std::fs::read_dir(folder.path()).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none());
    file
}

#[tokio::test]
async fn compiled_code_that_somebody_touched_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = Text::pure("p", ECHO).component();
    keeping(&folder, 1).load(&plugin, terms()).await.unwrap();
    let path = only_file(&folder);
    let good = std::fs::read(&path).unwrap();

    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let other = Text::pure("other", "(unreachable)").component();
    let elsewhere = tempfile::tempdir().unwrap();
    keeping(&elsewhere, 1).load(&other, terms()).await.unwrap();
    let exchanged = std::fs::read(only_file(&elsewhere)).unwrap();
    for planted in [flipped, exchanged, good[..100].to_vec(), Vec::new()] {
        std::fs::write(&path, planted).unwrap();
        keeping(&folder, 1).load(&plugin, terms()).await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), good, "it was compiled again, to the same");
    }
    // Somebody else's seal is none.
    keeping(&folder, 2).load(&plugin, terms()).await.unwrap();
    assert_ne!(std::fs::read(&path).unwrap(), good);
}

#[tokio::test]
async fn what_is_not_wanted_any_more_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let host = keeping(&folder, 1);
    let loaded = host.load(&Text::pure("p", ECHO).component(), terms()).await.unwrap();
    host.sweep(&[*loaded.sha256()]);
    only_file(&folder);
    host.sweep(&[]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
