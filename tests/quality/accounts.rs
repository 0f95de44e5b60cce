//! Leads matched to accounts by the names people wrote: how many find theirs while 98 of 100 found are right.

use crate::measure::Measure;
use crate::table::Table;
use anyhow::Result;
use chrono::DateTime;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use trunkline_leads::Account;
use trunkline_leads::matching::{Candidate, Index, Matching, Probe, Traits};
use uuid::Uuid;

/// Share of the matches above the threshold that have to be right.
const PRECISION: f64 = 0.98;

pub(crate) fn measure(data: &Path) -> Result<Vec<Measure>> {
    let accounts = Table::read(&data.join("accounts/accounts.csv"))?;
    let leads = Table::read(&data.join("accounts/leads_truth.csv"))?;
    let mut index = Index::default();
    let mut ids = HashMap::new();
    for (number, (label, name)) in
        (1_u128..).zip(accounts.column("account_id")?.into_iter().zip(accounts.column("account_name")?))
    {
        let id = Uuid::from_u128(number);
        ids.insert(label, id);
        index.put(Candidate::new(Arc::new(Account::new(id, name, DateTime::UNIX_EPOCH)), 0, None));
    }
    let settings = Matching::default();
    let begun = Instant::now();
    let mut found = Vec::new();
    let (mut accepted, mut right) = (0_usize, 0_usize);
    let companies = leads.column("lead_company")?;
    for (company, label) in companies.iter().zip(leads.column("account_id")?) {
        let traits = Traits { company: Some(company), ..Traits::default() };
        let verdict = index.judge(&Probe::new(&traits, &settings), &settings);
        let Some(best) = verdict.suggestions.first() else { continue };
        let is_right = ids.get(label) == Some(&best.account_id);
        if verdict.outcome == trunkline_leads::matching::Outcome::Matched {
            accepted += 1;
            right += usize::from(is_right);
        }
        found.push((verdict.certainty(), is_right));
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / companies.len().max(1) as f64;
    let all = companies.len();
    let (index_seconds, among_many) = among_many(&settings);
    Ok(vec![
        Measure::new("l2a_recall_at_p98", recall_at(&mut found, all)),
        Measure::new("l2a_matched_precision", share(right, accepted)),
        Measure::new("l2a_matched_recall", share(right, all)),
        Measure::new("l2a_microseconds_per_lead", each),
        Measure::new("l2a_100k_index_seconds", index_seconds),
        Measure::new("l2a_100k_microseconds_per_lead", among_many),
    ])
}

/// Seconds to build an index of 100,000 accounts with made-up names, and microseconds to match a lead by it. Half of the
/// leads belong to one of the accounts.
fn among_many(settings: &Matching) -> (f64, f64) {
    const ACCOUNTS: usize = 100_000;
    const LEADS: usize = 2_000;
    let begun = Instant::now();
    let mut index = Index::default();
    for number in 0..ACCOUNTS {
        let trade = ["International", "Systems", "Logistics", "Group", "Consulting"][number % 5];
        let name = format!("{} {} {trade} Ltd", word(number), word(number / 7));
        let account = Account::new(Uuid::from_u128(number as u128), &name, DateTime::UNIX_EPOCH);
        index.put(Candidate::new(Arc::new(account), 0, None));
    }
    let built = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    for lead in 0..LEADS {
        let number = lead * 97;
        let company = format!("{} {} intl, inc.", word(number).to_uppercase(), word(number / 7));
        let traits = Traits { company: Some(&company), ..Traits::default() };
        std::hint::black_box(index.judge(&Probe::new(&traits, settings), settings));
    }
    (built, begun.elapsed().as_secs_f64() * 1e6 / LEADS as f64)
}

/// A made-up word for each number.
fn word(mut number: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "dro", "fi", "gul", "ka", "lem", "mo", "nur", "pex", "ri", "sto", "tam", "vo", "wik", "zan",
        "qui",
    ];
    let mut word = String::new();
    for _ in 0..5 {
        word.push_str(SYLLABLES[number % 16]);
        number /= 16;
    }
    word
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

/// The largest share of all leads that is right above some threshold above which [`PRECISION`] holds. Leads of one
/// certainty are above a threshold together or not at all.
fn recall_at(found: &mut [(f64, bool)], all: usize) -> f64 {
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut right, mut best) = (0, 0.0_f64);
    for (place, (certainty, is_right)) in found.iter().enumerate() {
        right += usize::from(*is_right);
        let is_last_of_its_kind = found.get(place + 1).is_none_or(|next| next.0 < *certainty);
        if is_last_of_its_kind && share(right, place + 1) >= PRECISION {
            best = best.max(share(right, all));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recall_counts_only_while_precision_holds() {
        let mut found: Vec<(f64, bool)> =
            (0..49).map(|place| (0.9 - f64::from(place) / 1000.0, true)).collect();
        found.push((0.5, false));
        assert_eq!(recall_at(&mut found, 100), 0.49);
        found.extend([(0.4, true), (0.4, false)]);
        assert_eq!(recall_at(&mut found, 100), 0.49, "with the last two it is 50 of 52");
    }
}
