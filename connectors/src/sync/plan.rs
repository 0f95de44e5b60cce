//! What has to be written so that two records agree again. Pure: it compares what both have now with what each had when
//! they last agreed, field by field.
//!
//! What each side had is kept apart, because an app may keep a value otherwise than it was given it (trimmed, in small
//! letters). So a write of ours is never taken for a change of theirs.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_engine::expression::into_text;

/// One of the two systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The first, usually the CRM.
    Left,
    /// The second, usually marketing.
    Right,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// A pair of fields that is kept in step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldPair {
    /// The field on the left.
    pub left: String,
    /// The field on the right.
    pub right: String,
    /// Whose changes go to the other side.
    #[serde(default)]
    pub flow: Flow,
    /// What holds when both have changed.
    #[serde(default)]
    pub rule: Rule,
}

/// Whose changes go to the other side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Those of both.
    #[default]
    Both,
    /// The left owns the field: what the right makes of it is put back.
    ToRight,
    /// The right owns the field: what the left makes of it is put back.
    ToLeft,
}

/// What holds when both sides have changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// What the record has that changed last.
    #[default]
    Newest,
    /// What the left has.
    LeftWins,
    /// What the right has.
    RightWins,
    /// Nothing is overwritten, ever: only what is empty is filled.
    NeverOverwrite,
}

/// What a side has now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Now {
    /// By field.
    pub values: Map<String, Value>,
    /// When the record last changed.
    pub changed: Option<DateTime<Utc>>,
}

/// What each side had when they last agreed, by its own fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Base {
    /// On the left.
    pub left: Map<String, Value>,
    /// On the right.
    pub right: Map<String, Value>,
}

/// What has to be done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Written on the left.
    pub to_left: Map<String, Value>,
    /// Written on the right.
    pub to_right: Map<String, Value>,
    /// Fields, by their names on the left, that both had changed.
    pub conflicts: Vec<String>,
    /// Fields, by their names on the left, that stay different because nothing may be overwritten.
    pub differing: Vec<String>,
}

impl Plan {
    /// Whether nothing has to be written.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.to_left.is_empty() && self.to_right.is_empty()
    }
}

/// Which way a value goes.
enum Goes {
    Nowhere,
    Right,
    Left,
}

/// What has to be written so that `left` and `right` agree on `fields`.
#[must_use]
pub fn plan(fields: &[FieldPair], base: Option<&Base>, left: &Now, right: &Now) -> Plan {
    let mut plan = Plan::default();
    for pair in fields {
        let (l, r) = (of(&left.values, &pair.left), of(&right.values, &pair.right));
        if is_same(l, r) {
            continue;
        }
        let base_left = base.map(|base| of(&base.left, &pair.left));
        let base_right = base.map(|base| of(&base.right, &pair.right));
        // Records that meet for the first time have both changed, where they have anything.
        let has_changed = |now: &Value, base: Option<&Value>| match base {
            Some(base) => !is_same(now, base),
            None => !is_empty(now),
        };
        let (left_changed, right_changed) = (has_changed(l, base_left), has_changed(r, base_right));
        if left_changed && right_changed {
            plan.conflicts.push(pair.left.clone());
        }
        // Nobody's first word is to empty what the other has.
        let is_owner_empty = base.is_none()
            && match pair.flow {
                Flow::ToRight => is_empty(l),
                Flow::ToLeft => is_empty(r),
                Flow::Both => false,
            };
        if is_owner_empty {
            plan.differing.push(pair.left.clone());
            continue;
        }
        let goes = goes(pair, (l, left_changed), (r, right_changed), left.changed >= right.changed);
        match goes {
            Goes::Right => drop(plan.to_right.insert(pair.right.clone(), l.clone())),
            Goes::Left => drop(plan.to_left.insert(pair.left.clone(), r.clone())),
            Goes::Nowhere if pair.rule == Rule::NeverOverwrite => plan.differing.push(pair.left.clone()),
            Goes::Nowhere => {}
        }
    }
    plan
}

fn goes(
    pair: &FieldPair,
    (l, left_changed): (&Value, bool),
    (r, right_changed): (&Value, bool),
    left_is_newer: bool,
) -> Goes {
    if pair.rule == Rule::NeverOverwrite {
        let (fills_right, fills_left) = (pair.flow != Flow::ToLeft, pair.flow != Flow::ToRight);
        return match (is_empty(l), is_empty(r)) {
            (false, true) if fills_right => Goes::Right,
            (true, false) if fills_left => Goes::Left,
            _ => Goes::Nowhere,
        };
    }
    match (left_changed, right_changed) {
        // Neither has changed and yet they differ: an app keeps the value otherwise than it was given.
        (false, false) => Goes::Nowhere,
        _ if pair.flow == Flow::ToRight => Goes::Right,
        _ if pair.flow == Flow::ToLeft => Goes::Left,
        (true, false) => Goes::Right,
        (false, true) => Goes::Left,
        (true, true) => match pair.rule {
            Rule::LeftWins => Goes::Right,
            Rule::RightWins => Goes::Left,
            _ if left_is_newer => Goes::Right,
            _ => Goes::Left,
        },
    }
}

/// What both have once the plan has been carried out; `left` and `right` are what the apps then said they have.
#[must_use]
pub fn agreed(fields: &[FieldPair], left: &Now, right: &Now) -> Base {
    let pick = |values: &Map<String, Value>, names: Vec<&String>| {
        names.into_iter().map(|name| (name.clone(), of(values, name).clone())).collect()
    };
    Base {
        left: pick(&left.values, fields.iter().map(|pair| &pair.left).collect()),
        right: pick(&right.values, fields.iter().map(|pair| &pair.right).collect()),
    }
}

/// Whether a record, as a trigger reports it, says nothing that is not known: it is the echo of a write of ours, or a change
/// of a field that is not kept in step.
#[must_use]
pub fn is_echo(fields: &[FieldPair], base: &Base, side: Side, values: &Map<String, Value>) -> bool {
    fields.iter().all(|pair| {
        let (name, base) = match side {
            Side::Left => (&pair.left, &base.left),
            Side::Right => (&pair.right, &base.right),
        };
        is_same(of(values, name), of(base, name))
    })
}

fn of<'a>(values: &'a Map<String, Value>, name: &str) -> &'a Value {
    values.get(name).unwrap_or(&Value::Null)
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

/// Apps write numbers and yes or no as texts, and nothing as an empty text.
fn is_same(one: &Value, other: &Value) -> bool {
    if one == other || (is_empty(one) && is_empty(other)) {
        return true;
    }
    let plain = |value: &Value| !value.is_array() && !value.is_object() && !value.is_null();
    if !plain(one) || !plain(other) {
        return false;
    }
    if let (Some(one), Some(other)) = (number(one), number(other)) {
        return one == other;
    }
    into_text(one.clone()) == into_text(other.clone())
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        // A telephone number or an id is no number to compare.
        Value::String(text) if !text.starts_with(['0', '+']) || text == "0" || text.starts_with("0.") => {
            text.parse().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn pair(name: &str, flow: Flow, rule: Rule) -> FieldPair {
        FieldPair { left: name.into(), right: name.to_uppercase(), flow, rule }
    }

    fn now(values: Value, changed: i64) -> Now {
        let changed = DateTime::from_timestamp(changed, 0);
        Now { values: values.as_object().unwrap().clone(), changed }
    }

    fn base(left: Value, right: Value) -> Base {
        Base { left: left.as_object().unwrap().clone(), right: right.as_object().unwrap().clone() }
    }

    fn one(rule: Rule, flow: Flow, base_is: (&str, &str), left: (&str, i64), right: (&str, i64)) -> Plan {
        let base = base(json!({ "a": base_is.0 }), json!({ "A": base_is.1 }));
        let (left, right) = (now(json!({ "a": left.0 }), left.1), now(json!({ "A": right.0 }), right.1));
        plan(&[pair("a", flow, rule)], Some(&base), &left, &right)
    }

    #[test]
    fn a_change_of_one_side_goes_to_the_other_whatever_the_rule() {
        for rule in [Rule::Newest, Rule::LeftWins, Rule::RightWins] {
            let plan = one(rule, Flow::Both, ("1", "1"), ("2", 5), ("1", 9));
            assert_eq!((plan.to_right, plan.to_left), (map(json!({ "A": "2" })), Map::new()), "{rule:?}");
            let plan = one(rule, Flow::Both, ("1", "1"), ("1", 9), ("2", 5));
            assert_eq!((plan.to_right, plan.to_left), (Map::new(), map(json!({ "a": "2" }))), "{rule:?}");
        }
    }

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn when_both_have_changed_the_rule_decides() {
        let of = |rule, left, right| {
            let plan = one(rule, Flow::Both, ("1", "1"), ("l", left), ("r", right));
            assert_eq!(plan.conflicts, ["a"]);
            (plan.to_left.get("a").cloned(), plan.to_right.get("A").cloned())
        };
        assert_eq!(of(Rule::LeftWins, 1, 9), (None, Some(json!("l"))));
        assert_eq!(of(Rule::RightWins, 9, 1), (Some(json!("r")), None));
        assert_eq!(of(Rule::Newest, 9, 1), (None, Some(json!("l"))));
        assert_eq!(of(Rule::Newest, 1, 9), (Some(json!("r")), None));
        assert_eq!(of(Rule::NeverOverwrite, 1, 9), (None, None));
    }

    #[test]
    fn who_owns_a_field_has_it_put_back() {
        let plan = one(Rule::Newest, Flow::ToRight, ("1", "1"), ("1", 1), ("2", 9));
        assert_eq!(plan.to_right, map(json!({ "A": "1" })));
        let plan = one(Rule::Newest, Flow::ToLeft, ("1", "1"), ("2", 9), ("1", 1));
        assert_eq!(plan.to_left, map(json!({ "a": "1" })));
    }

    #[test]
    fn nothing_is_overwritten_where_that_is_the_rule() {
        let plan = one(Rule::NeverOverwrite, Flow::Both, ("", ""), ("x", 1), ("", 9));
        assert_eq!(plan.to_right, map(json!({ "A": "x" })));
        let plan = one(Rule::NeverOverwrite, Flow::Both, ("1", "1"), ("2", 1), ("1", 9));
        assert!(plan.is_quiet());
        assert_eq!(plan.differing, ["a"]);
    }

    #[test]
    fn a_value_that_an_app_keeps_otherwise_is_no_change() {
        // The left was given "ada" and the right keeps "ADA".
        let plan = one(Rule::Newest, Flow::Both, ("ada", "ADA"), ("ada", 1), ("ADA", 2));
        assert!(plan.is_quiet());
        assert!(is_same(&json!("7"), &json!(7.0)) && is_same(&json!(""), &Value::Null));
        assert!(!is_same(&json!("007"), &json!(7)) && !is_same(&json!("+49"), &json!(49)));
    }

    #[test]
    fn an_echo_says_nothing_new() {
        let fields = [pair("a", Flow::Both, Rule::Newest)];
        let base = base(json!({ "a": "1" }), json!({ "A": "one" }));
        assert!(is_echo(&fields, &base, Side::Right, &map(json!({ "A": "one", "other": 5 }))));
        assert!(!is_echo(&fields, &base, Side::Left, &map(json!({ "a": "2" }))));
    }

    /// An app that keeps values in its own way.
    fn kept(side: Side, value: &Value) -> Value {
        match (side, value.as_str()) {
            (Side::Right, Some(text)) => json!(text.trim().to_lowercase()),
            _ => value.clone(),
        }
    }

    fn rule() -> impl Strategy<Value = Rule> {
        prop_oneof![
            Just(Rule::Newest),
            Just(Rule::LeftWins),
            Just(Rule::RightWins),
            Just(Rule::NeverOverwrite)
        ]
    }

    fn flow() -> impl Strategy<Value = Flow> {
        prop_oneof![3 => Just(Flow::Both), 1 => Just(Flow::ToRight), 1 => Just(Flow::ToLeft)]
    }

    proptest! {
        #[test]
        fn whatever_people_do_both_sides_come_to_agree_and_stay_quiet(
            rules in proptest::collection::vec((flow(), rule()), 1..4),
            story in proptest::collection::vec((any::<bool>(), 0..3_usize, 0..4_u8, any::<bool>()), 1..60),
        ) {
            let fields: Vec<FieldPair> =
                rules.iter().enumerate().map(|(n, (flow, rule))| pair(&format!("f{n}"), *flow, *rule)).collect();
            let (mut left, mut right) = (now(json!({}), 0), now(json!({}), 0));
            let mut base: Option<Base> = None;
            let mut clock = 0;
            let mut settle = |left: &mut Now, right: &mut Now, clock: i64| {
                let plan = plan(&fields, base.as_ref(), left, right);
                for (name, value) in &plan.to_left {
                    left.values.insert(name.clone(), kept(Side::Left, value));
                    left.changed = DateTime::from_timestamp(clock, 0);
                }
                for (name, value) in &plan.to_right {
                    right.values.insert(name.clone(), kept(Side::Right, value));
                    right.changed = DateTime::from_timestamp(clock, 0);
                }
                base = Some(agreed(&fields, left, right));
                plan
            };
            for (is_left, field, value, settles) in story {
                clock += 1;
                let Some(pair) = fields.get(field) else { continue };
                let value = json!(["", " Ada", "Ben ", "CLEO"][usize::from(value)]);
                let (side, now, name) = if is_left { (Side::Left, &mut left, &pair.left) } else { (Side::Right, &mut right, &pair.right) };
                now.values.insert(name.clone(), kept(side, &value));
                now.changed = DateTime::from_timestamp(clock, 0);
                if settles {
                    clock += 1;
                    settle(&mut left, &mut right, clock);
                }
            }
            settle(&mut left, &mut right, clock + 1);
            for times in 0..3 {
                let plan = settle(&mut left, &mut right, clock + 2 + times);
                prop_assert!(plan.is_quiet(), "{plan:?}");
            }
            for pair in &fields {
                let (l, r) = (of(&left.values, &pair.left), of(&right.values, &pair.right));
                let agree = is_same(&kept(Side::Right, l), r);
                let may_differ = pair.rule == Rule::NeverOverwrite || pair.flow != Flow::Both;
                prop_assert!(agree || may_differ, "{pair:?}: {l} and {r}");
            }
        }
    }
}
