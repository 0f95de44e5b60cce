//! Turns of a pool.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

fn turns(pool: &mut Pool, count: usize) -> Vec<usize> {
    let record = json!({});
    let turn = |_| deal_at(pool, at("2026-11-27T12:00:00Z"), &record).chosen.expect("somebody takes part");
    (0..count).map(turn).collect()
}

#[test]
fn turns_of_one_member_are_spread_out() {
    let mut pool = pool(&[(5, true), (1, true), (1, true)]);
    assert_eq!(turns(&mut pool, 14), [0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0]);
}

#[test]
fn nobody_is_chosen_when_nobody_takes_part() {
    for members in [&[][..], &[(1, false), (0, true)][..]] {
        assert_eq!(deal_at(&mut pool(members), at("2026-11-27T12:00:00Z"), &json!({})).chosen, None);
    }
}

#[test]
fn whoever_leaves_in_the_middle_of_a_cycle_owes_nobody_anything() {
    let mut pool = pool(&[(3, true), (1, true), (1, true)]);
    turns(&mut pool, 2);
    pool.members[0].active = false;
    assert_eq!(turns(&mut pool, 4), [1, 2, 1, 2]);
    pool.members[0].active = true;
    let again = turns(&mut pool, 5);
    assert_eq!(again.iter().filter(|place| **place == 0).count(), 3);
}

#[test]
fn in_order_everybody_is_next_once_and_weights_do_not_matter() {
    let mut pool = pool(&[(5, true), (1, true), (2, true)]);
    pool.rules.turns = Turns::InOrder;
    assert_eq!(turns(&mut pool, 7), [0, 1, 2, 0, 1, 2, 0]);
}

#[test]
fn of_a_team_whoever_has_the_fewest_open_leads_is_next_and_those_at_work_come_first() {
    let away = Owner { work: Some(daily(&[(0, 9)])), ..owner(0) };
    let mut team = Pool::of_team("DACH", [away, owner(1), owner(2)].map(Arc::new));
    let mut open = [0_u64, 4, 2];
    let mut turn = |team: &mut Pool, moment: &str| {
        let hours = |owner: &Owner| {
            Arc::new(owner.work.as_ref().map_or_else(crate::hours::Hours::always, |work| work.hours(None)))
        };
        let count = |owner: Uuid| open[usize::try_from(owner.as_u128()).unwrap()];
        let turn = Turn { at: at(moment), record: &json!({}), hours: &hours, open: &count, except: &[] };
        let dealt = team.take_turn(&turn);
        let chosen = dealt.deal.chosen.expect("somebody is there");
        open[chosen] += 1;
        (chosen, dealt.how)
    };
    let noon = "2026-11-27T12:00:00Z";
    assert_eq!(turn(&mut team, noon), (2, "2 open leads, the fewest".to_owned()));
    let others: Vec<usize> = (0..4).map(|_| turn(&mut team, noon).0).collect();
    assert_eq!(others, [2, 1, 2, 1], "with as many each, whoever had none for the longest");
    assert_eq!(turn(&mut team, "2026-11-27T08:00:00Z").0, 0);
    // Nobody is at work: it goes to somebody all the same.
    team.members.truncate(1);
    assert_eq!(turn(&mut team, noon).0, 0);
}

#[test]
fn a_turn_that_could_not_be_taken_is_made_up_as_far_as_the_rules_say() {
    let noon = at("2026-11-27T12:00:00Z");
    for (make_up, expected) in [(0, 5), (2, 7), (100, 10)] {
        let mut pool = pool(&[(1, true), (1, true)]);
        pool.rules = PoolRules { only_at_work: true, make_up, ..PoolRules::default() };
        let absent = Owner { work: Some(daily(&[(9, 11)])), ..owner(0) };
        pool.members[0].owner = Arc::new(absent);
        // Ten leads while the first is away, then ten while both are there.
        for _ in 0..10 {
            assert_eq!(deal_at(&mut pool, noon, &json!({})).chosen, Some(1));
        }
        let back =
            (0..10).filter(|_| deal_at(&mut pool, at("2026-11-28T10:00:00Z"), &json!({})).chosen == Some(0));
        assert_eq!(back.count(), expected, "{make_up} made up");
    }
}

#[test]
fn whoever_is_passed_over_is_told_with_the_reason() {
    let mut pool = pool(&[(1, true), (1, true), (1, false), (0, true)]);
    pool.rules.only_at_work = true;
    pool.members[0].owner = Arc::new(Owner { work: Some(office(chrono_tz::Europe::Berlin)), ..owner(0) });
    let deal = deal_at(&mut pool, at("2026-11-28T12:00:00Z"), &json!({}));
    assert_eq!((deal.chosen, deal.skipped), (Some(1), Some(0)));
    let outcomes: Vec<Outcome> = deal.candidates.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [Outcome::NotAtWork, Outcome::Chosen, Outcome::NotActive, Outcome::NoWeight]);
    assert_eq!(deal.candidates[0].why, "they are not at work before Mon 30 Nov 09:00 (Europe/Berlin)");
    assert_eq!((deal.candidates[1].before.assigned, deal.candidates[1].after.assigned), (0, 1));
}

#[test]
fn when_nobody_is_at_work_the_rules_say_whether_turns_go_on() {
    let night = at("2026-11-28T02:00:00Z");
    let mut pool = pool(&[(1, true)]);
    pool.rules.only_at_work = true;
    pool.members[0].owner = Arc::new(Owner { work: Some(daily(&[(9, 17)])), ..owner(0) });
    assert_eq!(deal_at(&mut pool, night, &json!({})).chosen, None);
    assert_eq!(pool.members[0].assigned, 0, "no counter moves when nobody is chosen");
    pool.rules.anyway_when_closed = true;
    assert_eq!(deal_at(&mut pool, night, &json!({})).chosen, Some(0));
}

#[test]
fn open_leads_and_exceptions_pass_members_over() {
    let mut pool = pool(&[(1, true), (1, true), (1, true)]);
    let busy = Work { capacity: Some(20), ..daily(&[(0, 24)]) };
    pool.members[0].owner = Arc::new(Owner { work: Some(busy), ..owner(0) });
    let deal = pool.deal(&Turn {
        at: at("2026-11-28T12:00:00Z"),
        record: &json!({}),
        hours: &|_| Arc::new(crate::hours::Hours::always()),
        open: &|id| if id == Uuid::from_u128(0) { 20 } else { 0 },
        except: &[Uuid::from_u128(1)],
    });
    assert_eq!(deal.chosen, Some(2));
    assert_eq!(deal.candidates[0].outcome, Outcome::AtCapacity);
    assert_eq!(deal.candidates[1].outcome, Outcome::Excluded);
}

/// Caps for the property below: conditions, period, limit.
fn caps() -> impl Strategy<Value = Vec<Cap>> {
    vec((0_u32..4, any::<bool>(), any::<bool>()), 0..3).prop_map(|caps| {
        let cap = |(place, (limit, weekly, big)): (usize, (u32, bool, bool))| Cap {
            id: place.to_string(),
            limit,
            per: if weekly { Period::Week } else { Period::Day },
            when: if big {
                vec![Criterion { field: "size".into(), kind: ColumnKind::Number, is: "1000+".into() }]
            } else {
                Vec::new()
            },
        };
        caps.into_iter().enumerate().map(cap).collect()
    })
}

proptest! {
    #[test]
    fn every_cycle_gives_each_member_exactly_its_weight(members in vec((0_u32..9, any::<bool>()), 1..8)) {
        let mut pool = pool(&members);
        let cycle = usize::try_from(pool.total_weight()).unwrap();
        for _ in 0..3 {
            let mut given = vec![0_u32; members.len()];
            for chosen in turns(&mut pool, cycle) {
                given[chosen] += 1;
            }
            for (place, (weight, active)) in members.iter().enumerate() {
                prop_assert_eq!(given[place], if *active { *weight } else { 0 });
            }
        }
        for (member, (weight, active)) in pool.members.iter().zip(&members) {
            prop_assert_eq!(member.assigned, if *active { 3 * u64::from(*weight) } else { 0 });
            prop_assert_eq!(member.credit, 0);
        }
    }

    /// Whatever comes: caps hold, credits add up to nothing and stay bounded, and counters are what the log says.
    #[test]
    fn counters_are_what_the_log_says_and_no_cap_is_ever_exceeded(
        weights in vec(0_u32..4, 1..5),
        rules in (any::<bool>(), any::<bool>(), any::<bool>(), 0_u32..4, caps()),
        leads in vec((0_i64..600, any::<bool>()), 1..80),
        shifts in vec((0_u16..12, 12_u16..=24), 5),
    ) {
        let (in_order, only_at_work, anyway_when_closed, make_up, caps) = rules;
        let members: Vec<(u32, bool)> = weights.iter().map(|weight| (*weight, true)).collect();
        let mut pool = pool(&members);
        let turns = if in_order { Turns::InOrder } else { Turns::ByWeight };
        pool.rules = PoolRules { turns, only_at_work, anyway_when_closed, make_up, caps, ..PoolRules::default() };
        for (member, shift) in pool.members.iter_mut().zip(&shifts) {
            let work = Some(daily(&[*shift]));
            member.owner = Arc::new(Owner { work, ..(*member.owner).clone() });
        }
        let bound = pool.total_weight() * (i64::from(make_up) + 2);
        let mut log: Vec<(usize, DateTime<Utc>, Value)> = Vec::new();
        let mut now = at("2026-11-23T00:00:00Z");
        for (minutes, big) in leads {
            now += chrono::TimeDelta::minutes(minutes);
            let record = json!({ "size": if big { 5000 } else { 10 } });
            let deal = deal_at(&mut pool, now, &record);
            if let Some(chosen) = deal.chosen {
                log.push((chosen, now, record));
            }
            prop_assert_eq!(pool.members.iter().map(|member| member.credit).sum::<i64>(), 0);
            prop_assert!(pool.members.iter().all(|member| member.credit.abs() <= bound * 4));
        }
        for (place, member) in pool.members.iter().enumerate() {
            let got: Vec<_> = log.iter().filter(|(chosen, ..)| *chosen == place).collect();
            prop_assert_eq!(member.assigned, got.len() as u64);
            for cap in &pool.rules.caps {
                let counting = got.iter().filter(|(_, _, record)| cap.when.iter().all(|one| one.holds(record)));
                let mut per_window = std::collections::HashMap::<String, u32>::new();
                for (_, at, _) in counting {
                    let format = if cap.per == Period::Day { "%Y-%m-%d" } else { "%G-%V" };
                    *per_window.entry(at.format(format).to_string()).or_default() += 1;
                }
                prop_assert!(per_window.values().all(|count| *count <= cap.limit));
            }
            if only_at_work && !anyway_when_closed {
                let (from, to) = shifts[place];
                let hour = |at: &DateTime<Utc>| at.format("%H").to_string().parse::<u16>().unwrap();
                prop_assert!(got.iter().all(|(_, at, _)| (from..to).contains(&hour(at))));
            }
        }
    }
}
