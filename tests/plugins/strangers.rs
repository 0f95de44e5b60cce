//! Two workspaces with one plugin share nothing: what one leaves behind, the other never sees.

use crate::{HOST, PATIENCE, call, limits};
use futures_util::future::BoxFuture;
use serde_json::json;
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_plugins::host::{Host, Settings, Terms};
use trunkline_plugins::outside::{Nothing, Outside, Request, Response};
use trunkline_plugins::{Capabilities, Effect, Limits};
use trunkline_tests::component::{Text, about};

/// Fills its memory, grown far beyond its beginning, and a table and a global with what the input says, when it says
/// something; else looks for anything that is not as a fresh instance has it.
const LEAVES_OR_LOOKS: &str = "(local i32) \
    (drop (memory.grow (i32.const 64))) \
    (if (i32.gt_u (local.get 3) (i32.const 2)) \
      (then \
        (memory.fill (i32.const 200000) (i32.const 0xc5) (i32.const 4000000)) \
        (memory.copy (i32.const 300000) (local.get 2) (local.get 3)) \
        (global.set $mark (i64.const 77)) \
        (drop (table.grow $t (ref.func $found) (i32.const 500))) \
        (table.set $t (i32.const 0) (ref.func $found)) \
        (return (call $ok (i32.const 600) (i32.const 4))))) \
    (if (i64.ne (global.get $mark) (i64.const 0)) (then (return (call $found)))) \
    (if (i32.ne (table.size $t) (i32.const 1)) (then (return (call $found)))) \
    (if (i32.eqz (ref.is_null (table.get $t (i32.const 0)))) (then (return (call $found)))) \
    (local.set 9 (i32.const 200000)) \
    (loop $on \
      (if (i64.ne (i64.load (local.get 9)) (i64.const 0)) (then (return (call $found)))) \
      (local.set 9 (i32.add (local.get 9) (i32.const 8))) \
      (br_if $on (i32.lt_u (local.get 9) (i32.const 4200000)))) \
    (call $ok (i32.const 610) (i32.const 5))";

fn leaver() -> Text {
    let mut text = Text::pure("leaves", LEAVES_OR_LOOKS);
    text.more = "(global $mark (mut i64) (i64.const 0)) (table $t 1 funcref) (elem declare func $found) \
        (func $found (result i32) (call $ok (i32.const 620) (i32.const 5)))"
        .into();
    text.texts = vec![(600, "true".into()), (610, "false".into()), (620, "\"mem\"".into())];
    text
}

#[tokio::test]
async fn a_canary_in_memory_is_not_there_for_the_next() {
    let file = leaver().component();
    let wide = Limits { compute_ms: 2_000, ..limits() };
    let of = |name: &str| Terms { name: name.into(), capabilities: Capabilities::default(), limits: wide };
    // The same file, as two workspaces have it.
    let (one, other) =
        (HOST.load(&file, of("one")).await.unwrap(), HOST.load(&file, of("other")).await.unwrap());
    for round in 0..20 {
        let canary = call(Effect::Pure, json!({"text": format!("canary of round {round}")}));
        let left = HOST.call(&one, canary, Arc::new(Nothing), PATIENCE).await.0.unwrap();
        assert_eq!(left.output, true);
        for stranger in [&other, &one] {
            let looked =
                HOST.call(stranger, call(Effect::Pure, json!({})), Arc::new(Nothing), PATIENCE).await.0;
            assert_eq!(looked.unwrap().output, false, "round {round}: something was left");
        }
    }
}

/// What one workspace keeps.
#[derive(Debug)]
struct Shelf(&'static str);

impl Outside for Shelf {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        Box::pin(std::future::ready(Ok(Response { status: 200, headers: Vec::new(), body: self.0.into() })))
    }

    fn kept(&self, _: String) -> BoxFuture<'_, Result<Option<String>, Failure>> {
        Box::pin(std::future::ready(Ok(Some(self.0.to_owned()))))
    }
}

#[tokio::test]
async fn calls_at_the_same_time_reach_what_is_theirs() {
    let body = "(call $get (i32.const 600) (i32.const 4) (i32.const 200)) \
        (call $ok (i32.load (i32.const 208)) (i32.load (i32.const 212)))";
    let mut text = Text::of(about("reads", "read"), body);
    text.texts.push((600, "last".into()));
    let file = text.component();
    let capabilities = Capabilities { state: true, ..Capabilities::default() };
    let terms =
        |name: &str| Terms { name: name.into(), capabilities: capabilities.clone(), limits: limits() };
    let (one, other) =
        (HOST.load(&file, terms("one")).await.unwrap(), HOST.load(&file, terms("other")).await.unwrap());
    let asks = (0..200).map(|number| {
        let (plugin, kept) = if number % 2 == 0 { (&one, "\"of one\"") } else { (&other, "\"of other\"") };
        async move {
            let call = call(Effect::Read, json!({}));
            let answer = HOST.call(plugin, call, Arc::new(Shelf(kept)), PATIENCE).await.0.unwrap();
            assert_eq!(answer.output.to_string(), kept);
        }
    });
    futures_util::future::join_all(asks).await;
}

#[tokio::test]
async fn what_was_compiled_holds_nothing_of_a_call() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Some(folder.path().to_owned());
    let host = Host::new(Settings { cache, ..Settings::default() });
    let terms = Terms { name: "one".into(), capabilities: Capabilities::default(), limits: limits() };
    let plugin = host.load(&leaver().component(), terms).await.unwrap();
    let canary = "canary-in-a-cache";
    host.call(&plugin, call(Effect::Pure, json!({"text": canary})), Arc::new(Nothing), PATIENCE)
        .await
        .0
        .unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap().flatten();
    let kept: Vec<Vec<u8>> = files.map(|file| std::fs::read(file.path()).unwrap()).collect();
    assert_eq!(kept.len(), 1);
    let holds = |bytes: &[u8]| bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
    assert!(!kept.iter().any(|bytes| holds(bytes)));
}
