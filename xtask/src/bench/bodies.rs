//! Leads of about one kilobyte, half of them hot, alike on every machine.

use serde_json::{Value, json};

/// Size of one lead in bytes of JSON.
const BYTES: usize = 1024;
const WORDS: [&str; 8] =
    ["pricing", "demo", "security", "budget", "owner", "timeline", "review", "follow up"];

/// Lead number `number`.
pub(super) fn lead(number: usize) -> Value {
    let hot = number.is_multiple_of(2);
    let mut lead = json!({
        "id": format!("lead-{number:07}"),
        "first_name": "Ada",
        "last_name": format!("Lovelace{number}"),
        "email": format!("Ada.Lovelace{number}@Example.COM"),
        "phone": "+49 30 1234567",
        "company": {
            "name": "Analytical Engines GmbH", "size": 250,
            "country": if hot { "DE" } else { "US" }, "industry": "software",
        },
        "score": if hot { 85 } else { 42 },
        "source": "webinar",
        "utm": {"source": "newsletter", "medium": "email", "campaign": "launch"},
        "tags": ["trial", "emea", "inbound"],
        "consent": true,
        "created_at": "2026-01-15T10:30:00Z",
        "notes": "",
    });
    let room = BYTES.saturating_sub(lead.to_string().len());
    let mut notes = String::with_capacity(room);
    let mut pick = number;
    while notes.len() < room {
        // A linear congruential step: the words differ from lead to lead and never from run to run.
        pick = pick.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        notes.push_str(WORDS[(pick >> 33) % WORDS.len()]);
        notes.push(' ');
    }
    notes.truncate(room);
    lead["notes"] = notes.into();
    lead
}

/// A list of `count` leads.
pub(super) fn list(count: usize) -> Value {
    (0..count).map(lead).collect()
}

/// What a form of the demo sends, with `MARK` where each request puts a number of its own.
pub(super) fn form_template() -> String {
    let form = json!({
        "email": "ada.MARK@engines.example",
        "first_name": "Ada",
        "last_name": "Lovelace MARK",
        "job_title": "Head of data",
        "company": "Analytical Engines GmbH",
        "company_size": 250,
        "industry": "Software",
        "country": "Germany",
        "source": "Webinar",
        "visits": 6,
        "interest": "Pricing",
    });
    form.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_are_one_kilobyte_and_half_of_them_hot() {
        for number in 0..100 {
            assert_eq!(lead(number).to_string().len(), BYTES);
        }
        let hot = (0..100).filter(|&number| lead(number)["score"] == 85).count();
        assert_eq!(hot, 50);
    }
}
