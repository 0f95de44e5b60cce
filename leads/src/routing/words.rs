//! Routing as people read it: cells, rows and whole tables in sentences.

use super::cell::ColumnKind;
use super::table::{Column, RoutingTable, Row, Target};

/// What people call a field: `company_size` is the company size.
pub(super) fn field(name: &str) -> String {
    let name = name.trim();
    if let Some(of_account) = name.strip_prefix("account.") {
        return format!("the account's {}", of_account.replace('_', " "));
    }
    match name {
        "email" => "e-mail".into(),
        other => other.strip_prefix("fields.").unwrap_or(other).replace('_', " "),
    }
}

/// A cell of the column called `title` in a sentence; the text of a cell that cannot be read is quoted.
pub(super) fn cell(title: &str, text: &str, kind: ColumnKind) -> String {
    let text = text.trim();
    match text.to_lowercase().as_str() {
        "" | "*" => return format!("{title} is anything"),
        "empty" => return format!("{title} is empty"),
        "filled" => return format!("{title} is filled in"),
        _ => {}
    }
    let negated = text.get(..4).filter(|word| word.eq_ignore_ascii_case("not "));
    let (not, list) = negated.map_or((false, text), |_| (true, &text[4..]));
    let parts: Vec<String> = list
        .split([',', ';', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| self::part(part, kind))
        .collect();
    let not = if not { "not " } else { "" };
    match kind {
        ColumnKind::List => format!("{title} {not}among {}", any_of(&parts)),
        _ => format!("{title} is {not}{}", any_of(&parts)),
    }
}

fn part(text: &str, kind: ColumnKind) -> String {
    match kind {
        ColumnKind::Number => {
            for (sign, word) in
                [(">=", "at least"), ("<=", "at most"), (">", "more than"), ("<", "less than")]
            {
                if let Some(rest) = text.strip_prefix(sign) {
                    return format!("{word} {}", rest.trim());
                }
            }
            if let Some(from) = text.strip_suffix('+') {
                return format!("at least {}", from.trim());
            }
            range(text)
        }
        ColumnKind::PostalCode => match text.strip_suffix('*') {
            Some(start) => format!("{start}…"),
            None => range(text),
        },
        _ => match (text.strip_prefix('*'), text.strip_suffix('*')) {
            (Some(_), Some(_)) => format!("something with \"{}\" in it", text.trim_matches('*')),
            (Some(end), None) => format!("something that ends with \"{end}\""),
            (None, Some(start)) => format!("something that begins with \"{start}\""),
            (None, None) => text.to_owned(),
        },
    }
}

fn range(text: &str) -> String {
    let dash = text.char_indices().skip(1).find(|(_, c)| matches!(c, '-' | '–'));
    match dash {
        Some((at, dash)) => {
            format!("{} to {}", text[..at].trim(), text[at + dash.len_utf8()..].trim())
        }
        None => text.to_owned(),
    }
}

fn any_of(parts: &[String]) -> String {
    match parts {
        [] => "nothing".into(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

impl Target {
    /// Where it leads, after "goes to" or the like.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Owner { name } => format!("it goes to {name}"),
            Self::Pool { name } => format!("it goes to the next in the pool {name}"),
            Self::Team { name } => format!("it goes to whoever of the team {name} has the fewest open leads"),
            Self::AccountOwner => "it goes to the owner of its account, if it has one".into(),
            Self::List { name } => format!("it is put on the list {name} and gets no owner"),
        }
    }
}

impl Row {
    /// What a lead has to be for this row.
    #[must_use]
    pub fn conditions(&self, columns: &[Column]) -> Vec<String> {
        let asked = columns.iter().filter_map(|column| {
            let text = self.cells.get(&column.id).map_or("", |text| text.trim());
            (!text.is_empty() && text != "*").then(|| cell(&column.called(), text, column.kind))
        });
        asked.collect()
    }
}

impl RoutingTable {
    /// The whole table as a document: one sentence for each rule, in the order in which they are tried.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if self.first.keep_owner {
            sentences.push("A lead that has an owner stays with them.".into());
        }
        if self.first.account_owner {
            sentences.push("A lead of an account goes to the owner of the account.".into());
        }
        if self.first.same_account {
            sentences.push("A lead goes to whoever owns the latest other lead of its account.".into());
        }
        for row in self.rows.iter().filter(|row| !row.off) {
            let asked = row.conditions(&self.columns);
            let then = row.to.in_words();
            sentences.push(if asked.is_empty() {
                format!("Every other lead: {then}.")
            } else {
                format!("If {}: {then}.", asked.join(" and "))
            });
        }
        if !self.fallback.trim().is_empty() {
            sentences.push(format!("When nobody can take a lead, it goes to {}.", self.fallback.trim()));
        }
        sentences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_read_as_sentences() {
        use ColumnKind::{List, Number, PostalCode, Text, YesNo};
        for (text, kind, expected) in [
            ("DE, AT, CH", Text, "x is DE, AT or CH"),
            ("not DE", Text, "x is not DE"),
            ("acme*", Text, "x is something that begins with \"acme\""),
            ("50-199, 1000+", Number, "x is 50 to 199 or at least 1000"),
            ("10000-19999, 80*", PostalCode, "x is 10000 to 19999 or 80…"),
            ("yes", YesNo, "x is yes"),
            ("Enterprise", List, "x among Enterprise"),
            ("empty", Text, "x is empty"),
        ] {
            assert_eq!(cell("x", text, kind), expected);
        }
        assert_eq!(field("account.region"), "the account's region");
        assert_eq!(field("company_size"), "company size");
    }
}
