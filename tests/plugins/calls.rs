//! Calls that go well: what comes in comes out, time and chance stand still, and each call begins anew.

use crate::{HOST, PATIENCE, call, computed, limits, load};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::failure::FailureKind;
use trunkline_plugins::outside::Nothing;
use trunkline_plugins::{Capabilities, Effect, Limits};
use trunkline_tests::component::{ECHO, Text};

#[tokio::test]
async fn a_step_gets_its_settings_and_gives_its_output() {
    let answer = computed(&Text::pure("echo", ECHO), limits()).await.unwrap();
    assert_eq!((answer.output, answer.port, answer.why), (json!({"text": "x"}), None, None));
    let loaded = load(&Text::pure("echo", ECHO), Capabilities::default(), limits()).await;
    let about = HOST.describe(&loaded).await.unwrap();
    assert_eq!((about.name.as_str(), about.steps.len()), ("echo", 1));
}

#[tokio::test]
async fn a_failure_of_the_plugin_says_whether_to_try_again() {
    let mut text =
        Text::pure("sorry", "(call $fail (i32.const 2) (i32.const 600) (i32.const 5) (i32.const 90))");
    text.texts.push((600, "later".into()));
    let failure = computed(&text, limits()).await.unwrap_err();
    assert_eq!((&*failure.code, failure.kind), ("PLUG-0019", FailureKind::RateLimited));
    assert_eq!(failure.message, "sorry: later");
    let wait = failure.retry_at.unwrap() - chrono::Utc::now();
    assert!((1..=90).contains(&wait.num_seconds()), "{wait}");
}

/// Puts its moment and four random bytes into the answer, as numbers.
const MOMENT_AND_CHANCE: &str = "(call $bytes (i32.const 4) (i32.const 200)) \
    (call $digits (i64.extend_i32_u (i32.load (i32.load (i32.const 200)))) (i32.const 700)) \
    (i32.store8 (i32.const 720) (i32.const 44)) (i32.store8 (i32.const 699) (i32.const 91)) \
    (call $digits (call $now) (i32.const 721)) (i32.store8 (i32.const 741) (i32.const 93)) \
    (call $ok (i32.const 699) (i32.const 43))";

/// Writes a number as 20 digits, with a 1 in front, for JSON knows no zeros there.
const DIGITS: &str = "(func $digits (param $n i64) (param $at i32) (local $left i32) \
    (local.set $left (i32.const 19)) \
    (loop $more \
      (i32.store8 (i32.add (local.get $at) (local.get $left)) \
        (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $n) (i64.const 10))))) \
      (local.set $n (i64.div_u (local.get $n) (i64.const 10))) \
      (local.set $left (i32.sub (local.get $left) (i32.const 1))) \
      (br_if $more (i32.gt_s (local.get $left) (i32.const 0)))) \
    (i32.store8 (local.get $at) (i32.const 49)))";

#[tokio::test]
async fn a_call_that_is_repeated_sees_the_same_moment_and_the_same_chance() {
    let mut text = Text::pure("chance", MOMENT_AND_CHANCE);
    text.more = DIGITS.into();
    let loaded = load(&text, Capabilities::default(), limits()).await;
    let ask = async |key: &str| {
        let call = trunkline_plugins::Call { key: key.into(), ..call(Effect::Pure, json!({})) };
        HOST.call(&loaded, call, Arc::new(Nothing), PATIENCE).await.0.unwrap().output
    };
    let first = ask("run:step").await;
    assert_eq!(ask("run:step").await, first, "a repetition draws the same");
    let other = ask("run:step[1]").await;
    assert_ne!(other[0], first[0], "another item draws another");
    assert_eq!(first[1].as_f64().unwrap() as u64 % 10_000_000_000_000_000, 1_800_000_000_000);
}

#[tokio::test]
async fn nothing_is_left_for_the_next_call() {
    // Counts in its memory, and gives the count.
    let body = "(i32.store (i32.const 800) (i32.add (i32.load (i32.const 800)) (i32.const 1))) \
        (i32.store8 (i32.const 804) (i32.add (i32.const 48) (i32.load (i32.const 800)))) \
        (call $ok (i32.const 804) (i32.const 1))";
    let loaded = load(&Text::pure("count", body), Capabilities::default(), limits()).await;
    for _ in 0..3 {
        let (answer, _) =
            HOST.call(&loaded, call(Effect::Pure, json!({})), Arc::new(Nothing), PATIENCE).await;
        assert_eq!(answer.unwrap().output, 1);
    }
}

#[tokio::test]
async fn guests_that_compute_leave_the_server_its_time() {
    let spinning = Text::pure("spin", "(loop $on (br $on)) (unreachable)");
    let limits = Limits { compute_ms: 400, at_once: 8, ..limits() };
    let loaded = Arc::new(load(&spinning, Capabilities::default(), limits).await);
    let spins: Vec<_> = (0..8)
        .map(|_| {
            let loaded = Arc::clone(&loaded);
            tokio::spawn(async move {
                HOST.call(&loaded, call(Effect::Pure, json!({})), Arc::new(Nothing), PATIENCE).await.0
            })
        })
        .collect();
    // This test has one thread; if guests were polled on it, nothing here would ever go on.
    let mut turns = 0;
    while spins.iter().any(|spin| !spin.is_finished()) {
        turns += 1;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(turns > 20, "only {turns} turns");
    for spin in spins {
        assert_eq!(spin.await.unwrap().unwrap_err().code, "PLUG-0011");
    }
}

#[tokio::test]
async fn a_plugin_has_so_many_places_and_says_when_none_is_free() {
    let spinning = Text::pure("crowd", "(loop $on (br $on)) (unreachable)");
    let loaded = Arc::new(load(&spinning, Capabilities::default(), Limits { at_once: 1, ..limits() }).await);
    let first = Arc::clone(&loaded);
    let first = tokio::spawn(async move {
        HOST.call(&first, call(Effect::Pure, json!({})), Arc::new(Nothing), PATIENCE).await.0
    });
    tokio::task::yield_now().await;
    let soon = Duration::from_millis(20);
    let second = HOST.call(&loaded, call(Effect::Pure, json!({})), Arc::new(Nothing), soon).await.0;
    let second = second.unwrap_err();
    assert_eq!((&*second.code, second.kind), ("PLUG-0018", FailureKind::Temporary));
    assert_eq!(first.await.unwrap().unwrap_err().code, "PLUG-0011");
}
