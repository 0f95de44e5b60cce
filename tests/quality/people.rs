//! Duplicates among people: FEBRL 1 and 3, and the thousand people of Splink.
//!
//! Nothing is learned from the truth: columns are recognised by their names, weights come from the records themselves,
//! and what is more likely one person than two counts as found, for every set alike.

use crate::measure::Measure;
use crate::pairs::{Agreement, Pair, within};
use crate::table::Table;
use anyhow::Result;
use std::collections::HashSet;
use std::path::Path;
use trunkline_leads::linkage::{Person, link};
use trunkline_leads::{Key, KeyKind};

/// More likely one person than two.
const PROBABILITY: f64 = 0.5;

pub(crate) fn measure(data: &Path) -> Result<Vec<Measure>> {
    let mut measures = Vec::new();
    for name in ["febrl1", "febrl3"] {
        let people = Table::read(&data.join(format!("people/{name}.csv")))?;
        // rec-223-org and rec-223-dup-0 are one person.
        let ids = people.column("rec_id")?;
        let labels: Vec<&str> = ids.into_iter().map(|id| id.split('-').nth(1).unwrap_or(id)).collect();
        measures.extend(Agreement::of(&found(&people), &within(&labels)).measures(name));
    }
    let people = Table::read(&data.join("people/fake_1000.csv"))?;
    let truth = within(&people.column("cluster")?);
    measures.extend(Agreement::of(&found(&people), &truth).measures("fake1000"));
    measures.extend(Agreement::of(&within_e_mail(&people)?, &truth).measures("fake1000_same_email"));
    Ok(measures)
}

/// The pairs within the groups that linkage makes. Columns without a role, ids and labels among them, are not seen.
fn found(table: &Table) -> HashSet<Pair> {
    let columns = || table.columns.iter().map(String::as_str);
    let people: Vec<Person> = table
        .rows
        .iter()
        .map(|row| Person::of_columns(columns().zip(row.iter().map(String::as_str))))
        .collect();
    let mut labels: Vec<u32> = (0..).take(people.len()).collect();
    for group in link(&people, PROBABILITY).groups {
        for &record in &group {
            labels[record as usize] = group[0];
        }
    }
    within(&labels)
}

/// What identity keys alone find: pairs with the same address.
fn within_e_mail(people: &Table) -> Result<HashSet<Pair>> {
    let addresses = people.column("email")?.into_iter().enumerate();
    // A record without an address is alone under its own number.
    let labels: Vec<String> = addresses
        .map(|(record, email)| Key::read(KeyKind::Email, email).map_or(record.to_string(), |key| key.value))
        .collect();
    Ok(within(&labels))
}
