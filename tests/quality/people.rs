//! Duplicates among people: FEBRL 1 and 3, and the thousand people of Splink.

use crate::measure::Measure;
use crate::pairs::{Agreement, within};
use crate::table::Table;
use anyhow::Result;
use std::path::Path;
use trunkline_leads::{Key, KeyKind};

pub(crate) fn measure(data: &Path) -> Result<Vec<Measure>> {
    let people = Table::read(&data.join("people/fake_1000.csv"))?;
    let truth = within(&people.column("cluster")?);
    let mut measures = Vec::new();
    measures.extend(Agreement::of(&within_e_mail(&people)?, &truth).measures("fake1000_same_email"));
    Ok(measures)
}

/// What identity keys alone find: pairs with the same address.
fn within_e_mail(people: &Table) -> Result<std::collections::HashSet<(usize, usize)>> {
    let addresses = people.column("email")?.into_iter().enumerate();
    // A record without an address is alone under its own number.
    let labels: Vec<String> = addresses
        .map(|(record, email)| Key::read(KeyKind::Email, email).map_or(record.to_string(), |key| key.value))
        .collect();
    Ok(within(&labels))
}
