//! Scores a lead by a formula that no form has: points for the size of the company, who the person is, and visits that
//! count less the older they are. An example of a plugin in Rust that only computes.

use serde::Deserialize;
use trunkline_plugin::{Answer, Context, Failure, Value, json};

/// Days after which a visit counts half.
const HALF_LIFE: f64 = 14.0;
/// Points of a visit today.
const OF_A_VISIT: f64 = 6.0;
/// Most points for visits.
const MOST_FOR_VISITS: f64 = 40.0;
/// From so many points on a lead is hot, and from so many it is warm.
const HOT: f64 = 70.0;
const WARM: f64 = 40.0;
/// Words of a title, and what they are worth; the first that stands in it counts.
const TITLES: [(&str, f64); 5] =
    [("chief", 30.0), ("vp", 25.0), ("head", 20.0), ("director", 20.0), ("manager", 10.0)];

fn about() -> Value {
    json!({
        "format": 1,
        "name": "scoring",
        "title": "Scoring formula",
        "version": "1.0.0",
        "summary": "Scores a lead by company, person and recent visits.",
        "help": "Up to 30 points for the size of the company, up to 30 for the title, and up to 40 for visits. \
            A visit of today counts 6 points, and half as much every 14 days.",
        "icon": "gauge",
        "steps": [{
            "name": "score",
            "title": "Score by formula",
            "summary": "Gives points from 0 to 100 and says why.",
            "shelf": "lead",
            "keywords": ["points", "rating", "mql"],
            "effect": "pure",
            "settings": {
                "type": "object",
                "properties": {
                    "employees": {
                        "type": "integer", "title": "Employees", "minimum": 0,
                        "description": "How many people work at the company.",
                    },
                    "title": { "type": "string", "title": "Title", "description": "What the person does there." },
                    "visit_days": {
                        "type": "array", "title": "Visits",
                        "description": "How many days ago each visit was, such as [0, 3, 20].",
                    },
                },
                "required": ["employees"],
            },
            "defaults": { "employees": "", "title": "", "visit_days": [] },
            "ports": [
                { "id": "hot", "label": "hot" },
                { "id": "warm", "label": "warm" },
                { "id": "cold", "label": "cold" },
            ],
            "examples": [
                {
                    "settings": { "employees": 1200, "title": "VP Marketing", "visit_days": [0, 0, 14] },
                    "output": { "points": 70, "company": 30, "person": 25, "visits": 15 },
                },
                {
                    "settings": { "employees": 120, "title": "Head of Sales", "visit_days": [28] },
                    "output": { "points": 42, "company": 20, "person": 20, "visits": 2 },
                    "port": "warm",
                },
                {
                    "settings": { "employees": 3 },
                    "output": { "points": 5, "company": 5, "person": 0, "visits": 0 },
                    "port": "cold",
                },
            ],
        }],
    })
}

/// The settings, as the form gives them.
#[derive(Deserialize)]
struct Score {
    employees: u64,
    #[serde(default)]
    title: String,
    #[serde(default)]
    visit_days: Vec<f64>,
}

fn score(Score { employees, title, visit_days }: Score, _: &Context) -> Result<Answer, Failure> {
    if let Some(wrong) = visit_days.iter().find(|days| !days.is_finite() || **days < 0.0) {
        return Err(Failure::bad_input(format!("{wrong} is no number of days")));
    }
    let company = match employees {
        0..10 => 5.0,
        10..100 => 10.0,
        100..1000 => 20.0,
        _ => 30.0,
    };
    let title = title.to_lowercase();
    let words: Vec<&str> = title.split(|letter: char| !letter.is_alphanumeric()).collect();
    let person = TITLES.iter().find(|(word, _)| words.contains(word)).map_or(0.0, |(_, points)| *points);
    let visits: f64 = visit_days.iter().map(|days| OF_A_VISIT * 0.5_f64.powf(days / HALF_LIFE)).sum();
    let visits = visits.min(MOST_FOR_VISITS).round();
    let points = company + person + visits;
    let port = if points >= HOT { "hot" } else if points >= WARM { "warm" } else { "cold" };
    let whole = |points: f64| points as u64;
    let output = json!({
        "points": whole(points), "company": whole(company), "person": whole(person), "visits": whole(visits),
    });
    let why = format!("{company} for the company, {person} for the person, {visits} for visits.");
    let answer = Answer::new(output).because(why);
    Ok(if port == "hot" { answer } else { answer.by(port) })
}

trunkline_plugin::plugin!(about, { "score" => score });
