//! The examples in `plugins/examples` and the step Code, built from source, on the real host: what they say of themselves
//! holds, and their examples come out as they say.

use crate::{HOST, PATIENCE, limits};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_plugins::description::Recorded;
use trunkline_plugins::host::Terms;
use trunkline_plugins::outside::{Nothing, Outside, Request, Response};
use trunkline_plugins::{Answer, Call, Capabilities, Effect, Limits, Loaded, code};

/// The bytes of a component that `cargo xtask test` built.
fn built(path: &str) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join(path);
    std::fs::read(&path)
        .unwrap_or_else(|_| panic!("{} is missing; cargo xtask test builds it", path.display()))
}

/// Other systems, as an example recorded them.
#[derive(Debug)]
struct Recording {
    answers: Mutex<Vec<Recorded>>,
    asked: Mutex<Vec<Request>>,
}

impl Outside for Recording {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        self.asked.lock().unwrap().push(request);
        let Recorded { status, body } = self.answers.lock().unwrap().remove(0);
        let answer = Response { status, headers: Vec::new(), body: body.to_string().into_bytes() };
        Box::pin(std::future::ready(Ok(answer)))
    }

    fn kept(&self, _: String) -> BoxFuture<'_, Result<Option<String>, Failure>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

async fn examples_hold(name: &str) {
    let file = built(&format!("target/plugins/{name}.wasm"));
    let terms = |capabilities| Terms {
        name: name.into(),
        capabilities,
        limits: Limits { memory_mib: 64, ..limits() },
    };
    let about =
        HOST.describe(&HOST.load(&file, terms(Capabilities::default())).await.unwrap()).await.unwrap();
    let loaded = HOST.load(&file, terms(about.capabilities.clone())).await.unwrap();
    for step in &about.steps {
        for example in &step.examples {
            let call = Call {
                step: step.name.clone(),
                effect: step.effect,
                input: Value::Object(example.settings.clone()),
                workflow: String::new(),
                key: "example".into(),
                now: chrono::DateTime::UNIX_EPOCH,
            };
            let world =
                Arc::new(Recording { answers: Mutex::new(example.answers.clone()), asked: Mutex::default() });
            let (answer, _) = HOST.call(&loaded, call, world.clone(), PATIENCE).await;
            let answer = answer.unwrap();
            assert_eq!((&answer.output, &answer.port), (&example.output, &example.port), "{}", step.name);
            let asked = world.asked.lock().unwrap();
            assert_eq!(asked.len(), example.answers.len());
            assert!(asked.iter().all(|request| request.connection.is_some()));
        }
    }
}

#[tokio::test]
async fn the_text_cleaner_does_what_it_says() {
    examples_hold("text-cleaner").await;
}

#[tokio::test]
async fn the_scoring_formula_does_what_it_says() {
    examples_hold("scoring").await;
}

#[tokio::test]
async fn the_territories_do_what_they_say() {
    examples_hold("territories").await;
}

#[tokio::test]
async fn the_contact_lookup_does_what_it_says() {
    examples_hold("enrichment").await;
}

async fn code_component() -> Loaded {
    HOST.load(&built("plugins/dist/code.wasm"), code::terms()).await.unwrap()
}

async fn computed(loaded: &Loaded, key: &str, code: &str, input: Value) -> Result<Answer, Failure> {
    let call = Call {
        step: code::STEP.into(),
        effect: Effect::Pure,
        input: json!({"code": code, "input": input}),
        workflow: String::new(),
        key: key.into(),
        now: chrono::DateTime::from_timestamp_millis(1_800_000_000_123).unwrap(),
    };
    HOST.call(loaded, call, Arc::new(Nothing), PATIENCE).await.0
}

#[tokio::test]
async fn code_computes_what_people_wrote() {
    let loaded = code_component().await;
    let kind = code::kind();
    let example = &kind.descriptor.example.config;
    let input = json!({"emails": kind.descriptor.example.context["trigger"]["body"]["emails"]});
    let answer = computed(&loaded, "k", example["code"].as_str().unwrap(), input).await.unwrap();
    assert_eq!(answer.output, kind.descriptor.output_sample);
    let usual = kind.descriptor.default_config["code"].as_str().unwrap();
    let answer = computed(&loaded, "k", usual, json!({"name": "Ada"})).await.unwrap();
    assert_eq!(answer.output, json!({"greeting": "Hello Ada"}));
    assert_eq!(computed(&loaded, "k", "log('hi', {a: 1})", json!({})).await.unwrap().output, Value::Null);
}

#[tokio::test]
async fn as_much_code_computes_at_once_as_there_are_places() {
    let mut terms = code::terms();
    terms.limits.at_once = 32;
    let loaded = HOST.load(&built("plugins/dist/code.wasm"), terms).await.unwrap();
    let busy = "let a = 0; for (let i = 0; i < 20000; i++) a += i; return a";
    let calls = (0..64).map(|_| computed(&loaded, "k", busy, json!({})));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.unwrap().output, json!(199_990_000));
    }
}

#[tokio::test]
async fn time_and_chance_of_code_are_those_of_the_run() {
    let loaded = code_component().await;
    let asks =
        "return [Date.now(), new Date().toISOString(), new Date(0).getTime(), Math.random(), Math.random()]";
    let first = computed(&loaded, "run:a", asks, json!({})).await.unwrap().output;
    assert_eq!(first[0], 1_800_000_000_123_i64);
    assert_eq!(first[1], "2027-01-15T08:00:00.123Z");
    assert_eq!(first[2], 0);
    assert!(first[3] != first[4] && (0.0..1.0).contains(&first[3].as_f64().unwrap()), "{first}");
    assert_eq!(computed(&loaded, "run:a", asks, json!({})).await.unwrap().output, first);
    assert_ne!(computed(&loaded, "run:b", asks, json!({})).await.unwrap().output[3], first[3]);
}

#[tokio::test]
async fn what_is_wrong_with_code_is_said() {
    let loaded = code_component().await;
    let fails = async |code: &str| computed(&loaded, "k", code, json!({})).await.unwrap_err();
    let failure = fails("return (").await;
    assert_eq!((&*failure.code, failure.kind), ("PLUG-0019", FailureKind::BadInput));
    assert!(failure.message.contains("cannot be understood"), "{failure}");
    let failure = fails("const a = 1;\nthrow new Error('no company')").await;
    assert!(
        failure.kind == FailureKind::Fatal && failure.message.contains("no company (line 2)"),
        "{failure}"
    );
    assert!(fails("return () => 1").await.message.contains("not a function"));
    assert_eq!(fails("for (;;) {}").await.code, "PLUG-0011");
    assert!(matches!(
        &*fails("const a = []; for (;;) a.push('x'.repeat(1e6))").await.code,
        "PLUG-0013" | "PLUG-0019"
    ));
    let reach = "const names = ['fetch', 'require', 'process', 'std', 'os']; return names.filter((n) => n in globalThis)";
    assert_eq!(computed(&loaded, "k", reach, json!({})).await.unwrap().output, json!([]));
}
