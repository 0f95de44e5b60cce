//! The simulator against a slow recomputation that shares no code with it.

use super::tables::{column, row};
use super::*;
use chrono::{Datelike, TimeDelta, Timelike};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// One owner of the slow world: weight, first and last hour of work, leads of big companies a day.
type Rep = (u32, u16, u16);

/// Deals everything by hand: looks at the whole log for each lead and walks waits minute by minute.
fn by_hand(reps: &[Rep], cap: u64, arrivals: &[(DateTime<Utc>, bool)]) -> (Vec<u64>, Vec<i64>, u64, u64) {
    let total: i64 = reps.iter().map(|(weight, ..)| i64::from(*weight)).sum();
    let mut credits = vec![0_i64; reps.len()];
    let mut log: Vec<(usize, DateTime<Utc>, bool)> = Vec::new();
    let (mut fallbacks, mut capped) = (0, 0);
    for (at, big) in arrivals {
        let works = |rep: &Rep, at: &DateTime<Utc>| (u32::from(rep.1)..u32::from(rep.2)).contains(&at.hour());
        let is_full = |place: usize| {
            let today = log.iter().filter(|(who, when, big)| {
                *who == place && *big && (when.year(), when.ordinal()) == (at.year(), at.ordinal())
            });
            *big && today.count() as u64 >= cap
        };
        capped += (0..reps.len()).filter(|place| is_full(*place)).count() as u64;
        let free: Vec<bool> =
            (0..reps.len()).map(|place| !is_full(place) && works(&reps[place], at)).collect();
        // Two turns are made up.
        let plays: Vec<bool> =
            (0..reps.len()).map(|place| free[place] || credits[place] < 2 * total).collect();
        let mut best: Option<usize> = None;
        #[expect(clippy::needless_range_loop, reason = "the place is what is chosen")]
        for place in 0..reps.len() {
            let now = |place: usize| credits[place] + i64::from(reps[place].0);
            if free[place] && best.is_none_or(|best| now(place) > now(best)) {
                best = Some(place);
            }
        }
        let Some(best) = best else {
            fallbacks += 1;
            continue;
        };
        for place in 0..reps.len() {
            if plays[place] {
                credits[place] += i64::from(reps[place].0);
                credits[best] -= i64::from(reps[place].0);
            }
        }
        log.push((best, *at, *big));
    }
    let leads =
        (0..reps.len()).map(|place| log.iter().filter(|(who, ..)| *who == place).count() as u64).collect();
    let waits = vec![0; reps.len()];
    (leads, waits, fallbacks, capped)
}

fn plan(reps: &[Rep], cap: u32) -> Plan {
    let mut pool = pool(&reps.iter().map(|(weight, ..)| (*weight, true)).collect::<Vec<_>>());
    pool.rules = PoolRules {
        only_at_work: true,
        make_up: 2,
        caps: vec![Cap {
            id: "big".into(),
            limit: cap,
            per: Period::Day,
            when: vec![Criterion {
                field: "company_size".into(),
                kind: ColumnKind::Number,
                is: "1000+".into(),
            }],
        }],
        ..PoolRules::default()
    };
    for (member, rep) in pool.members.iter_mut().zip(reps) {
        member.owner = Arc::new(Owner { work: Some(daily(&[(rep.1, rep.2)])), ..(*member.owner).clone() });
    }
    let mut owners: Vec<Arc<Owner>> = pool.members.iter().map(|member| Arc::clone(&member.owner)).collect();
    owners.push(Arc::new(Owner { work: Some(daily(&[(8, 9)])), ..owner(99) }));
    let table = RoutingTable {
        columns: vec![column("s", "company_size", ColumnKind::Number)],
        rows: vec![row("1", &[], "Pool")],
        fallback: "Owner 99".into(),
        ..RoutingTable::default()
    };
    Plan {
        table: Ready::new(table),
        name: "T".into(),
        pools: vec![pool],
        owners,
        calendars: BTreeMap::new(),
        open: HashMap::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_figure_is_what_counting_by_hand_gives(
        reps in vec((1_u32..4, 0_u16..12, 12_u16..=24), 1..5), cap in 0_u32..4,
        leads in vec((0_i64..300, any::<bool>()), 1..120),
    ) {
        let mut now = at("2026-11-23T00:00:00Z");
        let arrivals: Vec<(DateTime<Utc>, bool)> = leads
            .into_iter()
            .map(|(minutes, big)| {
                now += TimeDelta::minutes(minutes);
                (now, big)
            })
            .collect();
        let given: Vec<Arrival> = arrivals
            .iter()
            .map(|(at, big)| Arrival {
                at: *at,
                record: json!({"company_size": if *big { 4000 } else { 4 }}),
                owner: None,
                account: None,
                account_owner: None,
            })
            .collect();
        let mut log: Vec<(String, DateTime<Utc>)> = Vec::new();
        let result = simulate(&plan(&reps, cap), &given, &mut |arrival, decided| {
            if let Ok((Verdict::Owner(owner), _)) = decided {
                log.push((owner.name.clone(), arrival.at));
            }
        });
        let (slow_leads, _, fallbacks, capped) = by_hand(&reps, u64::from(cap), &arrivals);
        let fast: HashMap<&str, &OwnerLoad> = result.owners.iter().map(|load| (load.name.as_str(), load)).collect();
        for (place, slow) in slow_leads.iter().enumerate() {
            let name = format!("Owner {place}");
            prop_assert_eq!(fast.get(name.as_str()).map_or(0, |load| load.leads), *slow);
        }
        prop_assert_eq!(result.leads, arrivals.len() as u64);
        prop_assert_eq!(result.fallbacks, fallbacks);
        prop_assert_eq!(result.caps.iter().map(|hits| hits.times).sum::<u64>(), capped);
        prop_assert_eq!(result.waits.iter().sum::<u64>(), result.leads);
        // Everybody but the fallback is at work when they get a lead; the fallback's waits are walked minute by minute.
        for load in result.owners.iter().filter(|load| load.name != "Owner 99") {
            prop_assert_eq!((load.waited, load.wait_seconds), (0, 0));
        }
        let walk = |at: DateTime<Utc>| (0..).find(|minute| (at + TimeDelta::minutes(*minute)).hour() == 8).unwrap() * 60;
        let waits: Vec<i64> = log.iter().filter(|(name, _)| name == "Owner 99").map(|(_, at)| walk(*at)).collect();
        if let Some(load) = fast.get("Owner 99") {
            prop_assert_eq!(load.wait_seconds, waits.iter().sum::<i64>());
            prop_assert_eq!(load.longest_wait_seconds, waits.iter().copied().max().unwrap());
        }
        // The same again, in any order.
        let mut shuffled = given;
        shuffled.reverse();
        shuffled.sort_by_key(|arrival| arrival.at);
        if arrivals.windows(2).all(|two| two[0].0 < two[1].0) {
            prop_assert_eq!(simulate(&plan(&reps, cap), &shuffled, &mut |_, _| ()), result);
        }
    }
}
