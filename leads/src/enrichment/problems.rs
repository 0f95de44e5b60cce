//! What has to be mended before a waterfall can be published.

use super::document::{MAX_ATTEMPTS, MAX_DAYS, MAX_FIELDS, MAX_PAUSE, MAX_PER_MINUTE};
use super::{HttpSource, MAX_PROVIDERS, Provider, SignIn, Source, Waterfall, label};
use crate::field;
use crate::lead::MAX_FIELD_NAME;
use std::collections::BTreeSet;

/// Fields that are the person's own word, or that Trunkline is found by.
const NOT_FILLED: [&str; 4] = ["consent", "consent_at", "consent_source", "external_id"];

impl Waterfall {
    /// Each with the JSON Pointer of what it is about. Empty when it can be published.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut found = Found(Vec::new());
        if self.fields.is_empty() {
            found.add("/fields", "no field is wanted: say what the providers are there for");
        }
        if self.fields.len() > MAX_FIELDS {
            found.add("/fields", format!("at most {MAX_FIELDS} fields can be wanted"));
        }
        let mut wanted = BTreeSet::new();
        for (at, field) in self.fields.iter().enumerate() {
            let pointer = format!("/fields/{at}");
            found.name(&pointer, &field.field);
            if !wanted.insert(field.field.as_str()) {
                found.add(&pointer, format!("{} is wanted twice", label(&field.field)));
            }
            found.percent(&format!("{pointer}/enough"), field.enough);
            let knows = |provider: &&Provider| {
                !provider.off && provider.fill(&field.field).is_some_and(|fill| fill.trust >= field.enough)
            };
            if !field.field.trim().is_empty() && !self.providers.iter().any(|provider| knows(&provider)) {
                let name = label(&field.field);
                found.add(&pointer, format!("no provider that is asked fills {name} with enough trust"));
            }
        }
        found.percent("/trust_of_own", self.trust_of_own);
        if self.max_wait_seconds > MAX_PAUSE {
            found.add("/max_wait_seconds", format!("a run waits at most {MAX_PAUSE} seconds"));
        }
        let is_currency =
            self.currency.len() == 3 && self.currency.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_currency {
            found.add("/currency", "a currency is three capital letters, such as EUR");
        }
        if self.providers.is_empty() {
            found.add("/providers", "there is no provider to ask");
        }
        if self.providers.len() > MAX_PROVIDERS {
            found.add("/providers", format!("at most {MAX_PROVIDERS} providers can be asked"));
        }
        let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (at, provider) in self.providers.iter().enumerate() {
            let pointer = format!("/providers/{at}");
            let id = provider.id.as_str();
            if id.is_empty()
                || id.len() > 60
                || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            {
                found.add(&format!("{pointer}/id"), "the id of a provider is letters, digits and hyphens");
            } else if !ids.insert(id) {
                found.add(&format!("{pointer}/id"), "another provider has this id");
            }
            if !names.insert(provider.name.trim().to_lowercase()) {
                found.add(&format!("{pointer}/name"), "another provider has this name");
            }
            found.provider(&pointer, provider);
        }
        found.0
    }
}

struct Found(Vec<(String, String)>);

impl Found {
    fn add(&mut self, at: &str, what: impl Into<String>) {
        self.0.push((at.to_owned(), what.into()));
    }

    fn percent(&mut self, at: &str, trust: u8) {
        if trust > 100 {
            self.add(at, "trust is 0 to 100");
        }
    }

    /// A field that a provider may fill.
    fn name(&mut self, at: &str, name: &str) {
        let bare = name.strip_prefix("fields.").unwrap_or(name);
        if bare.trim().is_empty() || bare.len() > MAX_FIELD_NAME {
            self.add(at, "no field is chosen");
        } else if field::is_reserved(bare) || NOT_FILLED.contains(&bare) {
            self.add(at, format!("{} is not filled by providers", label(name)));
        }
    }

    fn provider(&mut self, at: &str, provider: &Provider) {
        let under = |part: &str| format!("{at}/{part}");
        let called = if provider.name.trim().is_empty() { "the provider" } else { provider.name.trim() };
        if provider.name.trim().is_empty() || provider.name.chars().nth(100).is_some() {
            self.add(&under("name"), "a provider has a name of 1 to 100 characters");
        }
        if provider.fills.is_empty() {
            self.add(&under("fills"), format!("{called} fills no field"));
        }
        if provider.fills.len() > MAX_FIELDS {
            self.add(&under("fills"), format!("{called} fills more than {MAX_FIELDS} fields"));
        }
        let mut filled = BTreeSet::new();
        for (number, fill) in provider.fills.iter().enumerate() {
            let fill_at = format!("{at}/fills/{number}");
            self.name(&format!("{fill_at}/field"), &fill.field);
            if !filled.insert(fill.field.as_str()) {
                self.add(&format!("{fill_at}/field"), format!("{called} fills {} twice", label(&fill.field)));
            }
            if fill.path.trim().is_empty() {
                let message = format!("say where {} stands in the answer of {called}", label(&fill.field));
                self.add(&format!("{fill_at}/path"), message);
            }
            self.percent(&format!("{fill_at}/trust"), fill.trust);
            if fill.fresh_days > MAX_DAYS {
                self.add(
                    &format!("{fill_at}/fresh_days"),
                    format!("a value counts for at most {MAX_DAYS} days"),
                );
            }
        }
        if provider.not_found_days > MAX_DAYS {
            self.add(&under("not_found_days"), format!("an answer counts for at most {MAX_DAYS} days"));
        }
        if provider.not_found_statuses.iter().any(|status| !(400..500).contains(status)) {
            self.add(&under("not_found_statuses"), "statuses that say \"not found\" are 400 to 499");
        }
        if provider.per_minute.is_some_and(|count| count == 0 || count > MAX_PER_MINUTE) {
            self.add(
                &under("per_minute"),
                format!("{called} can be asked 1 to {MAX_PER_MINUTE} times a minute"),
            );
        }
        if provider.attempts == 0 || provider.attempts > MAX_ATTEMPTS {
            self.add(&under("attempts"), format!("{called} can be asked 1 to {MAX_ATTEMPTS} times"));
        }
        if provider.wait_seconds > MAX_PAUSE {
            self.add(&under("wait_seconds"), format!("a pause is at most {MAX_PAUSE} seconds"));
        }
        let Source::Http(source) = &provider.source;
        self.http(&under("source"), called, source);
    }

    fn http(&mut self, at: &str, called: &str, source: &HttpSource) {
        let url = format!("{at}/url");
        if source.url.is_blank() {
            self.add(&url, format!("{called} has no address"));
        } else if let Some(literal) = source.url.literal().map(str::trim)
            && !literal.starts_with("https://")
            && !literal.starts_with("http://")
        {
            self.add(&url, format!("the address of {called} begins with https://"));
        }
        let unfilled = match &source.sign_in {
            SignIn::Bearer { token } => token.trim().is_empty(),
            SignIn::Basic { username, .. } => username.trim().is_empty(),
            SignIn::Header { name, value } => name.trim().is_empty() || value.trim().is_empty(),
            SignIn::Connection { connection } => connection.trim().is_empty(),
            SignIn::None => false,
        };
        if unfilled {
            self.add(&format!("{at}/sign_in"), format!("the sign-in of {called} is not filled in"));
        }
    }
}
