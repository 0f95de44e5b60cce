//! Plugins that mean no good while they run.

use crate::{HOST, PATIENCE, call, computed, limits, load};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_plugins::outside::Nothing;
use trunkline_plugins::{Capabilities, Effect, Limits};
use trunkline_tests::component::{ECHO, Text};

/// The failure of a call, which names the plugin; the host still serves others afterwards.
async fn fails(text: Text) -> Failure {
    let name = text.about["name"].as_str().unwrap().to_owned();
    let failure = computed(&text, limits()).await.unwrap_err();
    assert!(failure.message.contains(&name), "{failure}");
    computed(&Text::pure("echo", ECHO), limits()).await.unwrap();
    failure
}

fn pure(name: &str, body: &str) -> Text {
    Text::pure(name, body)
}

#[tokio::test]
async fn an_endless_loop_is_stopped() {
    assert_eq!(fails(pure("loops", "(loop $on (br $on)) (unreachable)")).await.code, "PLUG-0011");
}

#[tokio::test]
async fn an_endless_row_of_host_calls_is_stopped() {
    let text = pure("asks", "(loop $on (drop (call $now)) (br $on)) (unreachable)");
    assert_eq!(fails(text).await.code, "PLUG-0011");
}

#[tokio::test]
async fn an_endless_loop_inside_a_host_call_is_stopped() {
    // The host asks for memory to put its answer in, and the plugin never gives it.
    let mut text =
        pure("holds", "(call $bytes (i32.const 8) (i32.const 200)) (call $ok (i32.const 0) (i32.const 0))");
    text.realloc = "(if (i32.eq (local.get 3) (i32.const 8)) (then (loop $on (br $on))))".into();
    assert_eq!(fails(text).await.code, "PLUG-0011");
}

#[tokio::test]
async fn endless_allocation_is_stopped() {
    let text = pure("eats", "(loop $on (drop (memory.grow (i32.const 16))) (br $on)) (unreachable)");
    let failure = fails(text).await;
    assert_eq!(failure.code, "PLUG-0013");
    assert!(failure.message.contains("16 MiB"), "{failure}");
}

#[tokio::test]
async fn tables_that_grow_are_stopped() {
    let mut text = pure(
        "tables",
        "(loop $on (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $on)) (unreachable)",
    );
    text.more = "(table $t 1 funcref)".into();
    assert_eq!(fails(text).await.code, "PLUG-0013");
}

#[tokio::test]
async fn deep_recursion_is_stopped() {
    let mut text = pure("deep", "(call $deeper (i32.const 1))");
    text.more = "(func $deeper (param i32) (result i32) \
        (i32.add (call $deeper (i32.add (local.get 0) (i32.const 1))) (local.get 0)))"
        .into();
    let failure = fails(text).await;
    assert_eq!(failure.code, "PLUG-0014");
    assert!(failure.message.contains("too deeply"), "{failure}");
}

#[tokio::test]
async fn a_crash_fails_its_step_alone() {
    let failure = fails(pure("falls", "(unreachable)")).await;
    assert_eq!((&*failure.code, failure.kind), ("PLUG-0014", FailureKind::Fatal));
    assert_eq!(fails(pure("divides", "(i32.div_u (i32.const 1) (i32.const 0))")).await.code, "PLUG-0014");
    assert_eq!(fails(pure("strays", "(i32.load (i32.const -8))")).await.code, "PLUG-0014");
}

#[tokio::test]
async fn a_huge_output_is_refused() {
    let failure = fails(pure("huge", "(call $ok (i32.const 4096) (i32.const 180000))")).await;
    assert_eq!(failure.code, "PLUG-0015", "it is no JSON");
    let spaces = "(memory.fill (i32.const 70000) (i32.const 32) (i32.const 100000)) \
        (call $ok (i32.const 70000) (i32.const 100000))";
    let narrow = Limits { output_kib: 64, ..limits() };
    let failure = computed(&pure("wide", spaces), narrow).await.unwrap_err();
    assert_eq!(failure.code, "PLUG-0015");
    assert!(failure.message.contains("100000 bytes"), "{failure}");
}

#[tokio::test]
async fn an_answer_outside_of_its_memory_is_refused() {
    assert_eq!(
        fails(pure("beyond", "(call $ok (i32.const 190000) (i32.const 100000))")).await.code,
        "PLUG-0014"
    );
}

#[tokio::test]
async fn text_that_is_no_text_is_refused() {
    let mut text = pure(
        "bytes",
        "(i32.store16 (i32.const 600) (i32.const 0xfffe)) (call $ok (i32.const 600) (i32.const 2))",
    );
    assert_eq!(fails(text.clone()).await.code, "PLUG-0014");
    text.body = "(call $ok (i32.const 600) (i32.const 9))".into();
    text.texts.push((600, "{\"deep\": ".into()));
    assert_eq!(fails(text).await.code, "PLUG-0015");
    let deep = "(memory.fill (i32.const 70000) (i32.const 91) (i32.const 60000)) \
        (call $ok (i32.const 70000) (i32.const 60000))";
    assert_eq!(fails(pure("nested", deep)).await.code, "PLUG-0015", "nesting has an end");
}

#[tokio::test]
async fn a_flood_of_lines_is_stopped() {
    let mut text = pure(
        "talks",
        "(loop $on (call $write (i32.const 1) (i32.const 600) (i32.const 4)) (br $on)) (unreachable)",
    );
    text.texts.push((600, "more".into()));
    let failure = fails(text).await;
    assert_eq!(failure.code, "PLUG-0016");
    assert!(failure.message.contains("200 lines"), "{failure}");
}

#[tokio::test]
async fn words_of_a_plugin_move_no_cursor() {
    let mut text = pure("paints", "(call $fail (i32.const 0) (i32.const 600) (i32.const 12) (i32.const 0))");
    text.texts.push((600, "\u{1b}[2J\u{7}hi\r\nyou".into()));
    let failure = fails(text).await;
    assert_eq!((&*failure.code, failure.kind), ("PLUG-0019", FailureKind::BadInput));
    assert_eq!(failure.message, "paints: [2Jhi you");
}

#[tokio::test]
async fn many_names_for_one_text_do_not_fill_the_host() {
    // 60000 headers of a request, each of which is the same 60 KiB: 3.6 GB, if somebody copied them.
    let body = "(memory.fill (i32.const 600) (i32.const 97) (i32.const 61440)) \
        (drop (memory.grow (i32.const 32))) \
        (local.set 9 (i32.const 0)) \
        (loop $more \
          (local.set 10 (i32.add (i32.const 262144) (i32.mul (local.get 9) (i32.const 16)))) \
          (i32.store (local.get 10) (i32.const 600)) \
          (i32.store offset=4 (local.get 10) (i32.const 61440)) \
          (i32.store offset=8 (local.get 10) (i32.const 600)) \
          (i32.store offset=12 (local.get 10) (i32.const 61440)) \
          (local.set 9 (i32.add (local.get 9) (i32.const 1))) \
          (br_if $more (i32.lt_u (local.get 9) (i32.const 60000)))) \
        (call $send (i32.const 600) (i32.const 3) (i32.const 600) (i32.const 3) (i32.const 262144) (i32.const 60000) \
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 96)) \
        (call $ok (i32.const 0) (i32.const 0))";
    let text = pure("copies", &format!("(local i32 i32) {body}"));
    assert_eq!(fails(text).await.code, "PLUG-0014");
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_dropped() {
    let slow = Text::pure("slow", "(loop $on (br $on)) (unreachable)");
    let limits = Limits { compute_ms: 60_000, whole_ms: 100, ..limits() };
    let loaded = load(&slow, Capabilities::default(), limits).await;
    let (result, _) = HOST.call(&loaded, call(Effect::Pure, json!({})), Arc::new(Nothing), PATIENCE).await;
    let failure = result.unwrap_err();
    assert_eq!((&*failure.code, failure.kind), ("PLUG-0012", FailureKind::Timeout));
    // Its place is free again.
    let (result, _) =
        HOST.call(&loaded, call(Effect::Write, json!({})), Arc::new(Nothing), Duration::from_secs(1)).await;
    let failure = result.unwrap_err();
    assert_eq!((&*failure.code, failure.kind), ("PLUG-0012", FailureKind::UnknownOutcome));
}
