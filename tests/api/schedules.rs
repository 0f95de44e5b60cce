//! Schedules: what was missed while the server was away, and the calendar that shows it.

use crate::{chain, publish};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use trunkline_tests::clock::Clock;
use trunkline_tests::{Client, Server, until};

fn hourly(name: &str, missed: &str) -> Value {
    chain(name, &[("tick", "schedule", json!({"cron": "0 * * * *", "timezone": "UTC", "missed": missed}))])
}

/// Makes every schedule believe that it was last followed three hours ago.
async fn set_back(server: &Server) {
    let path = server.data().join("trunkline.db");
    let mut database = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    let hours = 3_i64 * 3_600 * 1_000_000;
    sqlx::query("UPDATE schedule SET last_fired = last_fired - ?1")
        .bind(hours)
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
}

/// Waits until the server has seen so many schedules: it has noted where they begin.
async fn known(server: &Server, count: i64) {
    until("the schedules to be known", || async {
        let path = server.data().join("trunkline.db");
        let mut database =
            SqliteConnection::connect(&format!("sqlite://{}?mode=ro", path.display())).await.ok()?;
        let known: i64 =
            sqlx::query_scalar("SELECT count(*) FROM schedule").fetch_one(&mut database).await.ok()?;
        (known == count).then_some(())
    })
    .await
    .unwrap();
}

/// How often each outcome stands in the calendar before now.
async fn outcomes(api: &Client, workflow: &str) -> Option<(usize, usize, usize)> {
    // The last hours may be in the month before.
    let mut ticks = Vec::new();
    let now = api.get(&format!("/workflows/{workflow}/schedule")).await.ok()?;
    let first = now["days"][0]["date"].as_str().unwrap_or("2026-01-01");
    let (year, month): (i32, i32) = (first[..4].parse().ok()?, first[5..7].parse().ok()?);
    let before = if month == 1 { format!("{}-12", year - 1) } else { format!("{year}-{:02}", month - 1) };
    let earlier = api.get(&format!("/workflows/{workflow}/schedule?month={before}")).await.ok()?;
    for calendar in [earlier, now] {
        for day in calendar["days"].as_array()? {
            ticks.extend(day["ticks"].as_array()?.clone());
        }
    }
    let count = |outcome: &str| ticks.iter().filter(|tick| tick["outcome"] == outcome).count();
    assert!(ticks.iter().filter(|tick| tick["outcome"] == "ran").all(|tick| tick["run_id"].is_string()));
    Some((count("ran"), count("missed"), count("planned")))
}

#[tokio::test]
async fn hours_away_are_made_up_for_as_each_schedule_says() {
    let mut server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let mut ids = Vec::new();
    for missed in ["skip", "once", "each"] {
        ids.push(publish(&api, hourly(missed, missed)).await);
    }
    known(&server, 3).await;
    server.kill().await.unwrap();
    set_back(&server).await;
    server.restart().await.unwrap();
    for (id, made_up) in ids.iter().zip([0, 1, 3]) {
        let (ran, missed, planned) = until("what was missed", || async {
            let found = outcomes(&api, id).await?;
            (found.0 + found.1 >= 3).then_some(found)
        })
        .await
        .unwrap();
        // On the hour, the tick of now is on time.
        assert!(ran == made_up || ran == made_up + 1, "{ran} for {made_up}");
        assert!(ran + missed >= 3 && ran + missed <= 4, "{ran} + {missed}");
        assert!(planned <= 31 * 24);
        let runs = api.get(&format!("/runs?workflow={id}")).await.unwrap();
        assert_eq!(runs["items"].as_array().unwrap().len(), ran);
    }
    // A second restart makes up for nothing again.
    let before = outcomes(&api, &ids[2]).await.unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    until("the schedules to be followed again", || async {
        let text = server.output();
        (text.matches("listening").count() >= 3).then_some(())
    })
    .await
    .unwrap();
    assert_eq!(outcomes(&api, &ids[2]).await.unwrap().0, before.0);
}

/// How often each outcome stands in the calendar.
async fn tally(api: &Client, workflow: &str) -> Option<std::collections::BTreeMap<String, usize>> {
    let mut counts = std::collections::BTreeMap::new();
    // At midnight of the first of a month the minutes before are in the month before; they count there.
    let calendar = api.get(&format!("/workflows/{workflow}/schedule")).await.ok()?;
    for day in calendar["days"].as_array()? {
        for tick in day["ticks"].as_array()? {
            *counts.entry(tick["outcome"].as_str()?.to_owned()).or_default() += 1;
        }
    }
    Some(counts)
}

#[tokio::test]
async fn a_time_that_comes_while_the_run_before_goes_on_is_dealt_with_as_set() {
    let Some(clock) = Clock::new().unwrap() else { return };
    let environment = clock.environment();
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let server = Server::start_in(&std::env::temp_dir(), &["--empty"], &environment).await.unwrap();
    let api = server.set_up().await.unwrap();
    let mut ids = Vec::new();
    for overlap in ["skip", "queue", "parallel"] {
        let every = json!({"cron": "* * * * *", "timezone": "UTC", "missed": "skip", "overlap": overlap});
        let nap = json!({"amount": 9, "unit": "days"});
        ids.push(publish(&api, chain(overlap, &[("tick", "schedule", every), ("nap", "wait", nap)])).await);
    }
    let of = async |workflow: &str, outcome: &str| {
        Some(tally(&api, workflow).await?.get(outcome).copied().unwrap_or(0))
    };
    known(&server, 3).await;
    // Each of three minutes brings a time.
    for minute in 1..=3 {
        clock.set(&format!("+{minute}m")).unwrap();
        until("every schedule to have had its time", || async {
            let mut dealt = Vec::new();
            for id in &ids {
                let counts = tally(&api, id).await?;
                dealt.push(
                    ["ran", "skipped", "queued", "missed"]
                        .iter()
                        .filter_map(|outcome| counts.get(*outcome))
                        .sum::<usize>(),
                );
            }
            dealt.iter().all(|count| *count >= minute).then_some(())
        })
        .await
        .unwrap();
    }
    let [skip, queue, parallel] = &ids[..] else { panic!("three") };
    assert_eq!(of(skip, "ran").await, Some(1));
    assert!(of(skip, "skipped").await >= Some(2));
    assert_eq!(of(queue, "ran").await, Some(1));
    assert!(of(queue, "queued").await >= Some(2));
    assert!(of(parallel, "ran").await >= Some(3));
    // The end of a run lets the oldest time that waits begin, and that one alone.
    let runs = api.get(&format!("/runs?workflow={queue}")).await.unwrap();
    let first = runs["items"][0]["id"].as_str().unwrap().to_owned();
    api.post(&format!("/runs/{first}/cancel"), &json!({})).await.unwrap();
    until("the next of the queue", || async { (of(queue, "ran").await? == 2).then_some(()) }).await.unwrap();
    let runs = api.get(&format!("/runs?workflow={queue}")).await.unwrap();
    assert_eq!(runs["items"].as_array().unwrap().len(), 2);
    let second = api.get(&format!("/runs/{}", runs["items"][0]["id"].as_str().unwrap())).await.unwrap();
    let due = crate::step(&second, "tick")["output"]["scheduled_at"].as_str().unwrap().to_owned();
    let first = api.get(&format!("/runs/{first}")).await.unwrap();
    assert!(due.as_str() > crate::step(&first, "tick")["output"]["scheduled_at"].as_str().unwrap());
}
