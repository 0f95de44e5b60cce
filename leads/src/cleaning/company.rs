//! Legal forms at the end of company names, written as their countries write them, or left out.

/// Forms in small letters without dots and spaces, and how they are written. Sorted.
const FORMS: &[(&str, &str)] = &[
    ("ab", "AB"),
    ("ag", "AG"),
    ("aps", "ApS"),
    ("as", "AS"),
    ("asa", "ASA"),
    ("bv", "B.V."),
    ("co", "Co."),
    ("company", "Company"),
    ("corp", "Corp."),
    ("corporation", "Corp."),
    ("eg", "eG"),
    ("ev", "e.V."),
    ("gmbh", "GmbH"),
    ("inc", "Inc."),
    ("incorporated", "Inc."),
    ("kft", "Kft."),
    ("kg", "KG"),
    ("kgaa", "KGaA"),
    ("kk", "K.K."),
    ("limited", "Ltd."),
    ("llc", "LLC"),
    ("llp", "LLP"),
    ("lp", "LP"),
    ("ltd", "Ltd."),
    ("ltda", "Ltda."),
    ("mbh", "mbH"),
    ("nv", "N.V."),
    ("ohg", "OHG"),
    ("oy", "Oy"),
    ("oyj", "Oyj"),
    ("plc", "PLC"),
    ("private", "Pvt."),
    ("pte", "Pte."),
    ("pty", "Pty"),
    ("pvt", "Pvt."),
    ("sa", "S.A."),
    ("sarl", "SARL"),
    ("sas", "SAS"),
    ("se", "SE"),
    ("sl", "S.L."),
    ("spa", "S.p.A."),
    ("spzoo", "Sp. z o.o."),
    ("srl", "S.r.l."),
    ("sro", "s.r.o."),
    ("ug", "UG"),
];
/// Forms that are words of their own too and count only behind another form.
const ONLY_BEHIND: &[&str] = &["private"];
/// Words that only join two forms, as in "GmbH & Co. KG".
const JOINERS: &[&str] = &["&", "+", "and", "et", "und"];

/// The name with its legal form as its country writes it.
pub(super) fn tidied(text: &str) -> String {
    let (name, forms) = split(text);
    if forms.is_empty() {
        return text.to_owned();
    }
    let written: Vec<&str> = forms.iter().map(|word| form(word).unwrap_or("&")).collect();
    format!("{} {}", name.trim_end_matches(',').trim_end(), written.join(" "))
}

/// The name without its legal form.
pub(crate) fn bare(text: &str) -> String {
    let (name, forms) = split(text);
    if forms.is_empty() { text.to_owned() } else { name.trim_end_matches(',').trim_end().to_owned() }
}

/// The name and the words of its form. A name that is nothing but a form stays a name.
fn split(text: &str) -> (String, Vec<String>) {
    let joined = text.replace("Sp. z o.o.", "Spzoo").replace("sp. z o.o.", "spzoo").replace("S. A.", "SA");
    let mut words: Vec<&str> = joined.split(' ').filter(|word| !word.is_empty()).collect();
    let mut forms = Vec::new();
    while words.len() > 1 {
        let last = words[words.len() - 1];
        let is_form =
            form(last).is_some() && (!forms.is_empty() || !ONLY_BEHIND.contains(&plain(last).as_str()));
        if !is_form && (forms.is_empty() || !is_joiner(last)) {
            break;
        }
        forms.push(last.to_owned());
        words.pop();
    }
    // A joiner that now stands first joined the form to the name: "Smith & Co.".
    if forms.last().is_some_and(|word| is_joiner(word)) {
        forms.pop();
        return if forms.iter().all(|word| plain(word) == "co" || plain(word) == "company") {
            (text.to_owned(), Vec::new())
        } else {
            (words.join(" "), forms.into_iter().rev().collect())
        };
    }
    forms.reverse();
    (words.join(" "), forms)
}

fn form(word: &str) -> Option<&'static str> {
    let plain = plain(word);
    let at = FORMS.binary_search_by(|(form, _)| (*form).cmp(plain.as_str())).ok()?;
    Some(FORMS[at].1)
}

fn plain(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_joiner(word: &str) -> bool {
    JOINERS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_written_as_their_countries_do() {
        assert!(FORMS.is_sorted());
        for (text, tidy, without) in [
            ("Acme, Inc", "Acme Inc.", "Acme"),
            ("acme incorporated", "acme Inc.", "acme"),
            ("ACME CORP.", "ACME Corp.", "ACME"),
            ("Example Solutions gmbh & co kg", "Example Solutions GmbH & Co. KG", "Example Solutions"),
            ("Infra Private Limited", "Infra Pvt. Ltd.", "Infra"),
            ("Acme Pty. Limited", "Acme Pty Ltd.", "Acme"),
            ("Acme SA", "Acme S.A.", "Acme"),
            ("Smith & Co", "Smith & Co", "Smith & Co"),
            ("Blackstone Private", "Blackstone Private", "Blackstone Private"),
            ("Inc", "Inc", "Inc"),
            ("Company of Heroes", "Company of Heroes", "Company of Heroes"),
        ] {
            assert_eq!(tidied(text), tidy, "{text}");
            assert_eq!(bare(text), without, "{text}");
            assert_eq!(tidied(tidy), tidy, "twice: {tidy}");
        }
    }
}
