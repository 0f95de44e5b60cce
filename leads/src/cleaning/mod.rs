//! Cleaning: what people and programs write into lists, in one form. Every change says what it was, what it is and why.
//!
//! What it must never do: invent a value, or turn one it does not understand into nothing. What cannot be read stays as
//! it is and is *flagged*; only words that say "no answer" count as missing, and only while that option is on.
//! It is pure and gives the same result for the same record every time, also when cleaned twice.

mod company;
mod country;
mod date;
mod email;
mod fold;
mod name;
mod options;
mod placeholder;
mod region;
mod report;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use company::bare as bare_company;
pub use country::{Country, country};
pub use date::{DateOrder, date};
pub use options::{Cleaning, CompanyForm, PlaceForm};
pub(crate) use placeholder::says_nothing;
pub use region::{Region, region};
pub use report::{Cleaned, Flag, Flagged, Report, Why};

use crate::field::Field;
use serde_json::{Map, Value};
use std::borrow::Cow;
use trunkline_engine::expression::filters;

/// One value on its way.
struct Cell<'a> {
    text: Cow<'a, str>,
    why: Vec<Why>,
}

impl Cell<'_> {
    /// Takes `new` when it is something else.
    fn becomes(&mut self, new: impl Into<String>, why: Why) {
        let new = new.into();
        if *self.text != *new {
            self.text = Cow::Owned(new);
            if !self.why.contains(&why) {
                self.why.push(why);
            }
        }
    }
}

impl Cleaning {
    /// Cleans the texts of `record`; other values stay. A text that counts as missing becomes `null`.
    pub fn clean(&self, record: &mut Map<String, Value>) -> Report {
        let home = self.home(record);
        let mut report = Report::default();
        for (name, value) in record.iter_mut() {
            let Value::String(raw) = &*value else { continue };
            let mut cell = Cell { text: Cow::Borrowed(raw), why: Vec::new() };
            self.tidy(name, &mut cell);
            if !cell.text.is_empty() {
                self.shape(name, &mut cell, home, &mut report.flags);
            }
            if cell.why.is_empty() || *cell.text == **raw {
                continue;
            }
            let new = if cell.text.is_empty() { Value::Null } else { Value::from(cell.text.into_owned()) };
            let why = cell.why;
            let old = std::mem::replace(value, new.clone());
            report.changes.push(Cleaned { field: name.clone(), old, new, why });
        }
        report
    }

    /// What is wrong with the options themselves, in words; nothing when they can be used.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let code = self.default_country.as_deref().map(str::trim).filter(|code| !code.is_empty())?;
        country(code)
            .is_none()
            .then(|| format!("\"{code}\" is no country; write its two letters, such as US"))
    }

    /// The country that numbers and states of the record belong to.
    fn home(&self, record: &Map<String, Value>) -> Option<&'static Country> {
        let of_record = record.get(Field::Country.as_str()).and_then(Value::as_str).and_then(country);
        of_record.or_else(|| country(self.default_country.as_deref()?))
    }

    /// Takes away what nobody sees, and placeholders.
    fn tidy(&self, name: &str, cell: &mut Cell<'_>) {
        if self.text {
            if let Some(mended) = text::mended(&cell.text) {
                cell.becomes(mended, Why::Encoding);
            }
            if let Some(tidy) = text::tidied(&cell.text) {
                cell.becomes(tidy, Why::Spaces);
            }
        }
        if self.placeholders && placeholder::says_nothing(name, &cell.text) {
            cell.becomes("", Why::Placeholder);
        }
    }

    /// Gives the value the form of its field.
    fn shape(&self, name: &str, cell: &mut Cell<'_>, home: Option<&Country>, flags: &mut Vec<Flagged>) {
        let mut flag = |flag, meant| flags.push(Flagged { field: name.to_owned(), flag, meant });
        match name {
            "first_name" | "last_name" | "name" | "city" if self.names => {
                // Capitals must not make it look as if it had been read in the wrong encoding: "â¡" would be "Â¡" then.
                if let Some(cased) = name::cased(&cell.text).filter(|cased| text::mended(cased).is_none()) {
                    cell.becomes(cased, Why::Capitals);
                }
            }
            "company" => match self.companies {
                CompanyForm::Leave => {}
                CompanyForm::Tidy => cell.becomes(company::tidied(&cell.text), Why::LegalForm),
                CompanyForm::Remove => cell.becomes(company::bare(&cell.text), Why::LegalForm),
            },
            "email" if self.emails => match filters::address(&cell.text) {
                None => flag(Flag::BadEmail, email::meant(&cell.text)),
                Some(address) => {
                    email::flags(&address).for_each(|(raised, meant)| flag(raised, meant));
                    cell.becomes(address, Why::Email);
                }
            },
            "phone" if self.phones => match filters::international(home.map(|home| home.code), &cell.text) {
                Some(number) => cell.becomes(number, Why::Phone),
                None => flag(Flag::BadPhone, None),
            },
            "country" if self.countries != PlaceForm::Leave => match country(&cell.text) {
                None => flag(Flag::UnknownCountry, None),
                Some(country) if self.countries == PlaceForm::Code => {
                    cell.becomes(country.code, Why::Country);
                }
                Some(country) => cell.becomes(country.name, Why::Country),
            },
            "region" | "state" if self.regions != PlaceForm::Leave => {
                let Some(home) = home.filter(|home| region::has_regions(home.code)) else { return };
                match region(home.code, &cell.text) {
                    None => flag(Flag::UnknownRegion, None),
                    Some(region) if self.regions == PlaceForm::Code => cell.becomes(region.code, Why::Region),
                    Some(region) => cell.becomes(region.name, Why::Region),
                }
            }
            _ if self.dates.iter().any(|field| field == name) => match date(&cell.text, self.date_order) {
                Some(date) => cell.becomes(date, Why::Date),
                None => flag(Flag::UnclearDate, None),
            },
            _ => {}
        }
    }
}
