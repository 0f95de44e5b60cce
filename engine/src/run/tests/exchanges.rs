//! Steps with several effects, one after the other, that remember something between them.

use super::*;
use crate::kind::Exchange;

/// Asks three times, and counts what failed; the second time not before ten seconds have passed.
#[derive(Debug, Deserialize, JsonSchema)]
struct Talk {}

fn question(memo: &Value) -> Exchange {
    let asked = memo["asked"].as_i64().unwrap();
    let operation = Operation {
        performer: Performer::Http,
        action: "ask".into(),
        input: asked.into(),
        access: Access::Read,
        promise: Promise::None,
        sends_to: None,
    };
    let not_before = (asked == 1).then(|| at(10));
    Exchange { operation, not_before, memo: memo.clone() }
}

impl Step for Talk {
    fn start(&self, _: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::Exchange(question(&json!({"asked": 0, "failed": 0}))))
    }

    fn answered(
        &self,
        _: &Context<'_>,
        memo: &Value,
        result: Result<Performed, Failure>,
    ) -> Result<Outcome, Failure> {
        let asked = memo["asked"].as_i64().unwrap() + 1;
        let failed = memo["failed"].as_i64().unwrap() + i64::from(result.is_err());
        let memo = json!({"asked": asked, "failed": failed});
        if asked == 3 { Ok(Done::out(memo).into()) } else { Ok(Outcome::Exchange(question(&memo))) }
    }
}

fn talking() -> Arc<Compiled> {
    let registry = registry().with(vec![StepKind::new::<Talk>(about("talk", Category::Connect))]);
    let steps = json!({"go": {"kind": "begin"}, "talk": {"kind": "talk"}});
    let edges = json!([{"from": "go", "to": "talk"}]);
    let document = json!({"format": 1, "name": "test", "steps": steps, "edges": edges});
    Compiled::new(serde_json::from_value(document).unwrap(), &registry).unwrap()
}

/// What is asked next.
fn asked(effects: &[Effect]) -> &Value {
    let [Effect::Perform { operation, .. }] = effects else { panic!("no question: {effects:?}") };
    &operation.input
}

#[test]
fn a_step_goes_on_with_what_it_remembers_also_after_a_failure() {
    let compiled = talking();
    let mut run = machine(&compiled);
    let failure = Failure::new("X-1", FailureKind::Temporary, "no", "wait");
    let mut journal = vec![started(Value::Null), answer("talk", &[], Err(failure))];
    assert_eq!(asked(&run.apply(&journal[0])), 0);
    let [Effect::Wake { at: until, .. }] = run.apply(&journal[1])[..] else { panic!("no pause") };
    assert_eq!(until, at(10));
    journal.push(Event::Woke { key: key("talk", &[]), at: at(10) });
    assert_eq!(asked(&run.apply(&journal[2])), 1);
    journal.push(answer("talk", &[], Ok(Value::Null)));
    assert_eq!(asked(&run.apply(&journal[3])), 2);
    // What a restart rebuilds from the journal stands at the same question.
    let mut again = machine(&compiled);
    journal.iter().for_each(|event| drop(again.apply(event)));
    assert_eq!(asked(&again.outstanding()), 2);
    again.apply(&answer("talk", &[], Ok(Value::Null)));
    let Some(Verdict::Completed { output }) = again.verdict() else { panic!("it did not end") };
    assert_eq!(output, &json!({"asked": 3, "failed": 1}));
}
