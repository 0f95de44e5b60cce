//! What plugins reach: what they declared, and what their step says it does.

use crate::{HOST, PATIENCE, call, limits, load, within};
use futures_util::future::BoxFuture;
use serde_json::json;
use std::sync::{Arc, Mutex};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_plugins::outside::{Outside, Request, Response};
use trunkline_plugins::{Capabilities, Effect};
use trunkline_tests::component::{Text, about};

/// A world that answers everything and remembers what it was asked.
#[derive(Debug, Default)]
struct World {
    asked: Mutex<Vec<Request>>,
    broken: bool,
}

impl Outside for World {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        self.asked.lock().unwrap().push(request);
        let answer = Response { status: 200, headers: Vec::new(), body: b"{\"rating\":7}".to_vec() };
        let failed = Failure::new("CALL-0003", FailureKind::Temporary, "no connection", "Wait.");
        Box::pin(std::future::ready(if self.broken { Err(failed) } else { Ok(answer) }))
    }

    fn kept(&self, key: String) -> BoxFuture<'_, Result<Option<String>, Failure>> {
        Box::pin(std::future::ready(Ok((key == "known").then(|| "\"kept before\"".to_owned()))))
    }
}

/// Calls with `method` and gives the answer back.
fn calls(name: &str, effect: &str, method: &str) -> Text {
    let length = method.len();
    let mut text = Text::of(
        about(name, effect),
        &format!(
            "(if (result i32) (call $ask (i32.const 600) (i32.const {length}) (i32.const 620) (i32.const 25)) \
            (then (call $hand_on)) (else (call $answered)))"
        ),
    );
    text.texts = vec![(600, method.into()), (620, "https://api.example.com/x".into())];
    text
}

fn hosts() -> Capabilities {
    Capabilities { hosts: vec!["api.example.com".into()], ..Capabilities::default() }
}

#[tokio::test]
async fn a_declared_host_is_called_and_answers() {
    let world = Arc::new(World::default());
    let answer = within(&calls("reads", "read", "GET"), Effect::Read, hosts(), world.clone()).await.unwrap();
    assert_eq!(answer.output, json!({"rating": 7}));
    assert_eq!(world.asked.lock().unwrap()[0].url, "https://api.example.com/x");
}

#[tokio::test]
async fn a_step_that_says_it_only_reads_or_computes_does_only_that() {
    for (effect, method, capabilities) in [
        (Effect::Pure, "GET", hosts()),
        (Effect::Read, "POST", hosts()),
        (Effect::Read, "delete", hosts()),
        (Effect::Write, "POST", Capabilities::default()),
    ] {
        let world = Arc::new(World::default());
        let failure =
            within(&calls("lies", "read", method), effect, capabilities, world.clone()).await.unwrap_err();
        assert_eq!((&*failure.code, failure.kind), ("PLUG-0019", FailureKind::Fatal), "{failure}");
        assert!(failure.message.contains("PLUG-0017") && failure.message.contains("lies"), "{failure}");
        assert!(world.asked.lock().unwrap().is_empty(), "nothing left");
    }
}

#[tokio::test]
async fn a_failure_outside_goes_through_the_plugin_with_its_kind() {
    let world = Arc::new(World { broken: true, ..World::default() });
    let failure = within(&calls("hands-on", "read", "GET"), Effect::Read, hosts(), world).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Temporary);
    assert!(failure.message.contains("CALL-0003"), "{failure}");
}

#[tokio::test]
async fn after_a_change_was_sent_a_crash_leaves_its_outcome_to_a_person() {
    let mut text = calls("drops", "write", "POST");
    text.body =
        "(drop (call $ask (i32.const 600) (i32.const 4) (i32.const 620) (i32.const 25))) (unreachable)"
            .into();
    let failure = within(&text, Effect::Write, hosts(), Arc::new(World::default())).await.unwrap_err();
    assert_eq!((&*failure.code, failure.kind), ("PLUG-0014", FailureKind::UnknownOutcome));
    text.body = "(unreachable)".into();
    let failure = within(&text, Effect::Write, hosts(), Arc::new(World::default())).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Fatal, "nothing was sent");
}

/// Reads what it kept under a name of five letters at 600.
const READ: &str = "(call $get (i32.const 600) (i32.const 5) (i32.const 200)) \
    (if (result i32) (i32.load8_u (i32.const 200)) \
      (then (call $fail (i32.load8_u (i32.const 204)) (i32.load (i32.const 208)) (i32.load (i32.const 212)) (i32.const 0))) \
      (else (if (result i32) (i32.load8_u (i32.const 204)) \
        (then (call $ok (i32.load (i32.const 208)) (i32.load (i32.const 212)))) \
        (else (call $ok (i32.const 620) (i32.const 4))))))";
/// Keeps the text at 640 under that name.
const KEEP: &str = "(call $set (i32.const 600) (i32.const 5) (i32.const 1) (i32.const 640) (i32.const 3) (i32.const 240)) \
    (if (i32.load8_u (i32.const 240)) (then (return (call $fail (i32.load8_u (i32.const 244)) \
      (i32.load (i32.const 248)) (i32.load (i32.const 252)) (i32.const 0)))))";

fn keeper(body: &str) -> Text {
    let mut text = Text::of(about("keeps", "write"), body);
    text.texts = vec![(600, "known".into()), (620, "null".into()), (640, "\"n\"".into())];
    text
}

fn state() -> Capabilities {
    Capabilities { state: true, ..Capabilities::default() }
}

#[tokio::test]
async fn what_a_call_keeps_is_seen_by_itself_and_given_to_the_host() {
    let world: Arc<World> = Arc::default();
    let answer = within(&keeper(READ), Effect::Write, state(), world.clone()).await.unwrap();
    assert_eq!((answer.output, answer.kept.len()), (json!("kept before"), 0));
    let answer =
        within(&keeper(&format!("{KEEP} {READ}")), Effect::Write, state(), world.clone()).await.unwrap();
    assert_eq!(answer.output, json!("n"));
    assert_eq!(answer.kept["known"].as_deref(), Some("\"n\""));
}

#[tokio::test]
async fn only_a_step_that_writes_and_a_plugin_that_said_so_keeps_anything() {
    let both = format!("{KEEP} {READ}");
    for (effect, capabilities) in
        [(Effect::Read, state()), (Effect::Pure, state()), (Effect::Write, Capabilities::default())]
    {
        let failure =
            within(&keeper(&both), effect, capabilities, Arc::new(World::default())).await.unwrap_err();
        assert!(failure.message.contains("PLUG-0017"), "{failure}");
    }
}

#[tokio::test]
async fn calls_to_other_systems_have_an_end() {
    let mut text = calls("calls", "read", "GET");
    text.body = "(loop $on (drop (call $ask (i32.const 600) (i32.const 3) (i32.const 620) (i32.const 25))) \
        (br_if $on (i32.eqz (i32.load8_u (i32.const 96))))) (call $hand_on)"
        .into();
    let world = Arc::new(World::default());
    let loaded = load(&text, hosts(), limits()).await;
    let (result, _) = HOST.call(&loaded, call(Effect::Read, json!({})), world.clone(), PATIENCE).await;
    assert!(result.unwrap_err().message.contains("more than 100 calls"));
    assert_eq!(world.asked.lock().unwrap().len(), 100);
}
