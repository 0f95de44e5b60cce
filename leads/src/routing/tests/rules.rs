//! Whole decisions: what comes first, rows, turns and the fallback.

use super::tables::{column, row};
use super::*;
use serde_json::json;
use trunkline_engine::failure::Failure;

struct OneDesk {
    pool: Pool,
    known: Vec<Arc<Owner>>,
}

impl Desk for OneDesk {
    fn team(&mut self, _: &str, _: &Subject<'_>) -> Result<Option<Dealt>, Failure> {
        Ok(None)
    }

    fn owner(&self, asked: &str) -> Result<Option<Arc<Owner>>, Failure> {
        Ok(self.known.iter().find(|owner| owner.name == asked).cloned())
    }

    fn deal(&mut self, asked: &str, subject: &Subject<'_>) -> Result<Option<Dealt>, Failure> {
        let hours = |_: &Owner| Arc::new(crate::hours::Hours::always());
        let turn = Turn {
            at: subject.at,
            record: subject.record,
            hours: &hours,
            open: &|_| 0,
            except: subject.except,
        };
        Ok((asked == self.pool.name).then(|| self.pool.take_turn(&turn)))
    }
}

fn table() -> RoutingTable {
    RoutingTable {
        first: First { keep_owner: true, account_owner: true, same_account: true },
        columns: vec![column("c", "country", ColumnKind::Text)],
        rows: vec![
            Row { to: Target::AccountOwner, ..row("0", &[("c", "US")], "") },
            Row { to: Target::Owner { name: "Owner 7".into() }, ..row("1", &[("c", "FR, US")], "") },
            Row { to: Target::List { name: "Nurture".into() }, ..row("2", &[("c", "empty")], "") },
            row("3", &[], "Pool"),
        ],
        fallback: "Owner 9".into(),
        ..RoutingTable::default()
    }
}

fn desk(members: &[(u32, bool)]) -> OneDesk {
    OneDesk {
        pool: pool(members),
        known: [1, 7, 9].into_iter().map(|number| Arc::new(owner(number))).collect(),
    }
}

fn ask(subject: &Subject<'_>, desk: &mut OneDesk) -> (Verdict, Decision) {
    decide(&Ready::new(table()), "Territories", Some(3), subject, desk).unwrap()
}

fn subject(record: &Value) -> Subject<'_> {
    let at = at("2026-11-27T12:00:00Z");
    Subject { record, at, owner: None, account_owner: None, same_account: None, except: &[] }
}

#[test]
fn the_owner_it_has_comes_first_then_its_account_then_the_rows() {
    let record = json!({"country": "DE"});
    let mut desk = desk(&[(1, true)]);
    let mut lead = subject(&record);
    lead.same_account = Some(Arc::new(owner(4)));
    let (verdict, decision) = ask(&lead, &mut desk);
    assert_eq!((verdict, decision.source), (Verdict::Owner(Arc::new(owner(4))), Source::SameAccount));
    assert_eq!(decision.passed[0].why, "its account has no owner");
    lead.account_owner = Some(("Acme".into(), Arc::new(owner(3))));
    assert_eq!(ask(&lead, &mut desk).1.sentence, "Owner 3 owns the account Acme.");
    lead.owner = Some(Arc::new(owner(2)));
    assert_eq!(ask(&lead, &mut desk).0, Verdict::Kept(Arc::new(owner(2))));
    let again = [Uuid::from_u128(2), Uuid::from_u128(3), Uuid::from_u128(4)];
    lead.except = &again;
    let (verdict, decision) = ask(&lead, &mut desk);
    assert_eq!(verdict, Verdict::Owner(Arc::new(owner(0))));
    assert_eq!((decision.row, decision.source), (Some(4), Source::Pool));
}

#[test]
fn rows_lead_to_owners_lists_and_pools_and_say_so() {
    let mut desk = desk(&[(2, true), (1, true)]);
    let (verdict, decision) = ask(&subject(&json!({"country": "US"})), &mut desk);
    assert_eq!(verdict, Verdict::Owner(Arc::new(owner(7))));
    assert_eq!(decision.sentence, "By row 2 of Territories (country is FR or US): Owner 7 takes such leads.");
    assert!(decision.passed.iter().any(|passed| passed.row == 1), "the account owner's row was passed over");
    let (verdict, _) = ask(&subject(&json!({})), &mut desk);
    assert_eq!(verdict, Verdict::List("Nurture".into()));
    let (_, decision) = ask(&subject(&json!({"country": "DE"})), &mut desk);
    assert_eq!(
        decision.sentence,
        "By row 4 of Territories (every other lead): Owner 0 was next in the pool Pool (weight 2 of 3, 1 assigned so far)."
    );
    assert_eq!(decision.candidates.len(), 2);
    assert_eq!(decision.version, Some(3));
}

#[test]
fn there_is_always_a_fallback() {
    let record = json!({"country": "DE"});
    let mut nobody = desk(&[(1, false)]);
    let (verdict, decision) = ask(&subject(&record), &mut nobody);
    assert_eq!((verdict, decision.source), (Verdict::Owner(Arc::new(owner(9))), Source::Fallback));
    assert!(
        decision
            .sentence
            .ends_with("nobody in the pool Pool takes part, so it went to Owner 9, the fallback.")
    );
    nobody.pool.rules.fallback = Some("Owner 1".into());
    assert_eq!(ask(&subject(&record), &mut nobody).0, Verdict::Owner(Arc::new(owner(1))));
    let without = Ready::new(RoutingTable { fallback: String::new(), ..table() });
    nobody.pool.rules.fallback = None;
    let failure = decide(&without, "T", None, &subject(&record), &mut nobody).unwrap_err();
    assert_eq!(failure.code, "LEAD-0004");
}
