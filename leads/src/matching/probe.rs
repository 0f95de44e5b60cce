//! What a lead offers to be matched by.

use super::key;
use super::name::Name;
use super::settings::Matching;
use super::{domain, text};
use crate::lead::Lead;
use std::collections::BTreeSet;

/// What is known of a lead's company.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits<'a> {
    /// Name of the company, as somebody wrote it.
    pub company: Option<&'a str>,
    /// E-mail address.
    pub email: Option<&'a str>,
    /// Website.
    pub website: Option<&'a str>,
    /// Region.
    pub region: Option<&'a str>,
    /// Country.
    pub country: Option<&'a str>,
    /// City.
    pub city: Option<&'a str>,
    /// Postal code.
    pub postal_code: Option<&'a str>,
}

impl<'a> Traits<'a> {
    /// Those of `lead`.
    #[must_use]
    pub fn of(lead: &'a Lead) -> Self {
        Self {
            company: lead.company.as_deref(),
            email: lead.email.as_deref(),
            website: lead.website.as_deref(),
            region: lead.region.as_deref(),
            country: lead.country.as_deref(),
            city: lead.city.as_deref(),
            postal_code: lead.postal_code.as_deref(),
        }
    }
}

/// What a lead offers, prepared for many comparisons.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The company as it was written.
    pub(crate) company: Option<String>,
    /// The names in it.
    pub(crate) names: Vec<Name>,
    /// Registered domains that say something of the company.
    pub(crate) domains: Vec<String>,
    /// The names within the domains, when no name was given.
    pub(crate) label_names: Vec<Name>,
    pub(crate) region: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) postal_code: Option<String>,
}

impl Probe {
    /// Prepares `traits`.
    #[must_use]
    pub fn new(traits: &Traits<'_>, settings: &Matching) -> Self {
        let company = traits.company.map(str::trim).filter(|company| !company.is_empty());
        let mut domains: Vec<String> = Vec::new();
        for found in [traits.email.filter(|email| email.contains('@')), traits.website]
            .into_iter()
            .flatten()
            .filter_map(domain::registered)
        {
            if !settings.is_mailbox_provider(&found) && !domains.contains(&found) {
                domains.push(found);
            }
        }
        let label_names = domains.iter().flat_map(|domain| Name::all(domain::label(domain))).collect();
        Self {
            company: company.map(str::to_owned),
            names: company.map(Name::all).unwrap_or_default(),
            domains,
            label_names,
            region: comparable(traits.region),
            country: comparable_country(traits.country),
            city: comparable(traits.city),
            postal_code: comparable(traits.postal_code),
        }
    }

    /// Whether there is nothing to match by.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.names.is_empty() && self.domains.is_empty()
    }

    /// The keys of accounts that may be meant.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for domain in &self.domains {
            key::of_domain(domain, &mut keys);
        }
        for name in self.names.iter().chain(&self.label_names) {
            key::of_name(name, &mut keys);
            // `ABB` may be the initials of an account, and the account may be called by the initials of this.
            let mut telling = name.words.iter().filter(|word| word.class == super::words::Class::Core);
            if let (Some(word), None) = (telling.next(), telling.next())
                && (3..=6).contains(&word.written.chars().count())
            {
                keys.extend(key::key('a', &word.written));
            }
            keys.extend(
                name.initials.as_ref().filter(|all| all.len() >= 3).and_then(|all| key::key('t', all)),
            );
        }
        keys
    }
}

/// A text in the form addresses are compared in.
pub(crate) fn comparable(written: Option<&str>) -> Option<String> {
    let folded = text::folded(written?);
    let kept: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    (!kept.is_empty()).then_some(kept)
}

/// A country in the form it is compared in.
pub(crate) fn comparable_country(written: Option<&str>) -> Option<String> {
    match crate::cleaning::country(written?) {
        Some(country) => Some(country.code.to_owned()),
        None => comparable(written),
    }
}
