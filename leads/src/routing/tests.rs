//! Turns, tables and simulations against slow and obvious counts.

mod rules;
mod simulation;
mod tables;
mod turns;

use super::*;
use crate::hours::{Span, WallTime, Week, Work};
use crate::pool::{Member, Owner, Pool};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

fn owner(number: u128) -> Owner {
    Owner {
        id: Uuid::from_u128(number),
        name: format!("Owner {number}"),
        email: format!("o{number}@example.com"),
        work: None,
    }
}

fn pool(members: &[(u32, bool)]) -> Pool {
    let members = (0..)
        .zip(members)
        .map(|(place, (weight, active))| Member::new(Arc::new(owner(place)), *weight, *active));
    Pool {
        id: Uuid::from_u128(100),
        name: "Pool".into(),
        members: members.collect(),
        rules: PoolRules::default(),
    }
}

/// Nine to five from Monday to Friday.
fn office(zone: chrono_tz::Tz) -> Work {
    let time = |hour| WallTime::new(hour, 0).unwrap();
    let week = Week::weekdays(time(9), time(17));
    Work { zone, week, calendar: None, days_off: Vec::new(), capacity: None, team: None }
}

/// Work in these hours of each day, in UTC.
fn daily(spans: &[(u16, u16)]) -> Work {
    let time = |hour| WallTime::new(hour, 0).unwrap();
    let day: Vec<Span> =
        spans.iter().map(|(from, to)| Span { opens: time(*from), closes: time(*to) }).collect();
    let week = Week {
        mon: day.clone(),
        tue: day.clone(),
        wed: day.clone(),
        thu: day.clone(),
        fri: day.clone(),
        sat: day.clone(),
        sun: day,
    };
    Work { week, ..office(chrono_tz::UTC) }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Deals a turn at `at` to whoever is at work then.
fn deal_at(pool: &mut Pool, at: DateTime<Utc>, record: &Value) -> Deal {
    let hours = |owner: &Owner| {
        Arc::new(owner.work.as_ref().map_or_else(crate::hours::Hours::always, |work| work.hours(None)))
    };
    pool.deal(&Turn { at, record, hours: &hours, open: &|_| 0, except: &[] })
}
