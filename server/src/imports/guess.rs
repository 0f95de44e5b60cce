//! Which field each column becomes: guessed from its name, then from what its values look like. Always shown before it is
//! used.

use super::prepare::Column;
use crate::intake::columns::{Mapping, plain};
use trunkline_leads::cleaning::{self, DateOrder};
use trunkline_leads::field::{self, Field};
use trunkline_leads::importing::{ColumnUse, ImportSettings, WhoWins};
use trunkline_leads::own_field::OwnFields;
use trunkline_leads::{Key, KeyKind};

/// What values of a column look like, counted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Looks {
    seen: u32,
    emails: u32,
    phones: u32,
    addresses: u32,
    countries: u32,
    dates: u32,
}

impl Looks {
    /// Looks at one more value.
    pub fn see(&mut self, cell: &str) {
        self.seen += 1;
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        let is_date = cleaning::date(cell, DateOrder::Day).is_some() && cell.contains(['-', '/', '.', ' ']);
        self.emails += u32::from(Key::read(KeyKind::Email, cell).is_some());
        self.dates += u32::from(is_date);
        let dialled = cell.chars().all(|c| c.is_ascii_digit() || "+()-./ ".contains(c));
        self.phones += u32::from(dialled && (9..=15).contains(&digits) && !is_date);
        let small = cell.to_ascii_lowercase();
        self.addresses += u32::from(small.starts_with("http") || small.starts_with("www."));
        self.countries += u32::from(cell.len() > 3 && cleaning::country(cell).is_some());
    }

    /// Whether so many of the values seen are meant that the others are slips.
    fn mostly(self, count: u32) -> bool {
        count * 10 >= self.seen * 7 && count > 0
    }

    /// The field that such values fill.
    fn field(self) -> Option<Field> {
        [
            (self.emails, Field::Email),
            (self.phones, Field::Phone),
            (self.addresses, Field::Website),
            (self.countries, Field::Country),
        ]
        .into_iter()
        .find(|(count, _)| self.mostly(*count))
        .map(|(_, field)| field)
    }
}

/// Names of columns that hold a whole name.
const WHOLE_NAMES: &[&str] =
    &["name", "full_name", "contact_name", "contact", "lead_name", "vollständiger_name", "nom_complet"];

/// Settings to begin with for these columns; a column that is called as an own field fills it.
#[must_use]
pub fn settings(columns: &[Column], own: &OwnFields) -> ImportSettings {
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let by_name = Mapping::guess(&names);
    let mut fields: Vec<String> = by_name.columns().map(|(_, field)| field.to_owned()).collect();
    let has_parts = ["first_name", "last_name"].iter().any(|part| fields.iter().any(|field| field == part));
    for (field, column) in fields.iter_mut().zip(columns) {
        // Two whole names, or one beside its parts, would fill the same fields twice.
        if field == "name" || WHOLE_NAMES.contains(&plain(&column.name).as_str()) {
            *field = if has_parts { String::new() } else { "name".into() };
        }
    }
    for (field, column) in fields.iter_mut().zip(columns) {
        let called = plain(&column.name);
        let is_meant = |name: &str, label: &str| name == called || plain(label) == called;
        if let Some((name, _)) = own.iter().find(|(name, own)| is_meant(name, &own.label)) {
            *field = name.to_owned();
        }
    }
    for place in 0..columns.len() {
        let guessed = columns[place].looks.field();
        let is_core = Field::find(&fields[place]).is_some()
            || fields[place] == "name"
            || own.get(&fields[place]).is_some();
        if let Some(guessed) = guessed.map(Field::as_str)
            && !is_core
            && !fields.iter().any(|field| field == guessed)
        {
            fields[place] = guessed.to_owned();
        }
    }
    let mut taken = std::collections::HashSet::new();
    let uses = columns.iter().zip(fields).map(|(column, field)| {
        // What only Trunkline itself writes, and what nobody filled, is left out.
        let is_usable = column.filled > 0 && (field == "name" || !field::is_reserved(&field));
        let field =
            if is_usable && !field.is_empty() && taken.insert(field.clone()) { field } else { String::new() };
        ColumnUse { column: column.name.clone(), field, wins: WhoWins::Lead }
    });
    let columns_used: Vec<ColumnUse> = uses.collect();
    let dates = columns_used.iter().zip(columns).filter(|(used, column)| {
        !used.field.is_empty()
            && Field::find(&used.field).is_none()
            && column.looks.mostly(column.looks.dates)
    });
    let cleaning = cleaning::Cleaning {
        dates: dates.map(|(used, _)| used.field.clone()).collect(),
        ..cleaning::Cleaning::default()
    };
    let has = |kind: &KeyKind| columns_used.iter().any(|used| used.field == kind.as_str());
    let match_on = KeyKind::ALL.into_iter().filter(has).collect();
    ImportSettings {
        columns: columns_used,
        cleaning,
        rules: Vec::new(),
        match_on,
        mode: Default::default(),
        repeated: Default::default(),
        afterwards: Default::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_leads::Definition;

    fn column(name: &str, values: &[&str]) -> Column {
        let mut column = Column { name: name.into(), filled: values.len() as u64, ..Column::default() };
        values.iter().for_each(|value| column.looks.see(value));
        column
    }

    #[test]
    fn columns_are_known_by_the_labels_of_own_fields() {
        let document = serde_json::json!({ "label": "Renewal date", "type": "date" });
        let renewal = Definition::new(uuid::Uuid::nil(), "renews_on".into(), 1, document);
        let columns = [column("E-mail", &["a@a.example"]), column("Renewal Date", &["2026-03-05"])];
        let settings = settings(&columns, &OwnFields::of(&[renewal]));
        assert_eq!(settings.columns[1].field, "renews_on");
    }

    #[test]
    fn columns_are_known_by_name_and_by_value() {
        let columns = [
            column("Work e-mail", &["ada@a.example", "bob@b.example"]),
            column("Ansprechpartner", &["ada@c.example"]),
            column("Tel (direct)", &["+44 20 7946 0018", "0044 20 7946 0019"]),
            column("Full name", &["Ada Lovelace"]),
            column("Score", &["7"]),
            column("Met on", &["2026-03-05", "05.03.2026"]),
            column("Empty", &[]),
            column("Land", &["Deutschland", "France"]),
        ];
        let settings = settings(&columns, &OwnFields::default());
        let fields: Vec<&str> = settings.columns.iter().map(|used| used.field.as_str()).collect();
        assert_eq!(fields, ["email", "ansprechpartner", "phone", "name", "", "met_on", "", "country"]);
        assert_eq!(settings.cleaning.dates, ["met_on"]);
        assert_eq!(settings.match_on, [KeyKind::Email, KeyKind::Phone]);
    }
}
