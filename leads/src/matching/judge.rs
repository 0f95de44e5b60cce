//! Which account a lead belongs to, how sure that is, and why.
//!
//! Domain and name are two witnesses: each alone can be enough, together they are surer. An address only supports or
//! weakens what they say. Where several accounts fit alike, tie-breakers decide in the order the workspace chose, and
//! where those tell nothing, a person does: an account is never picked by chance.

use super::compare::{Likeness, compare};
use super::domain;
use super::key::rarity;
use super::name::Name;
use super::probe::{Probe, comparable, comparable_country};
use super::settings::{Matching, TieBreaker};
use crate::account::Account;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::sync::Arc;
use uuid::Uuid;

/// How sure a shared domain makes.
const SAME_DOMAIN: f64 = 0.92;
/// The same name within another domain: `acme.de` and `acme.com`.
const SAME_LABEL: f64 = 0.55;
/// How sure a name makes that is the same.
const SAME_NAME: f64 = 0.93;
/// The most there is: nothing here is proof.
const MOST: f64 = 0.99;
/// Candidates a verdict lists.
pub const MAX_SHOWN: usize = 5;

/// An account as it is compared, with what decides between accounts that fit alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The account.
    pub account: Arc<Account>,
    /// How many leads it has.
    pub leads: u64,
    /// When something last happened to one of them.
    pub last_activity_at: Option<DateTime<Utc>>,
    names: Vec<Name>,
}

impl Candidate {
    /// Prepares `account` for comparisons.
    #[must_use]
    pub fn new(account: Arc<Account>, leads: u64, last_activity_at: Option<DateTime<Utc>>) -> Self {
        let written = std::iter::once(&account.name).chain(&account.aliases);
        let names = written.flat_map(|name| Name::all(name)).collect();
        Self { account, leads, last_activity_at, names }
    }
}

/// Something that speaks for or against an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is about: `domain`, `name` or `address`.
    pub about: Witness,
    /// What was found, in a few words.
    pub text: String,
    /// Whether it speaks for the account.
    pub speaks_for: bool,
}

/// What a piece of evidence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// The domain of an address or a website.
    Domain,
    /// The name of the company.
    Name,
    /// Country, city or postal code.
    Address,
}

/// An account that may be meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Which account.
    pub account_id: Uuid,
    /// Its name.
    pub name: String,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// What speaks for and against it.
    pub evidence: Vec<Evidence>,
}

/// What came of looking for a lead's account.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What is to be done.
    pub outcome: Outcome,
    /// Why, in a sentence or two.
    pub reason: String,
    /// The accounts that may be meant, the surest first; at most [`MAX_SHOWN`].
    pub suggestions: Vec<Suggestion>,
}

/// What is to be done with a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It belongs to the first suggestion.
    Matched,
    /// A person has to look: several accounts fit alike, or one fits not well enough.
    Ambiguous,
    /// No account fits.
    None,
}

impl Verdict {
    /// How sure the best suggestion is, less the closer the next one comes, 0 to 1. Unlike the confidence of a
    /// suggestion it can be compared between leads.
    #[must_use]
    pub fn certainty(&self) -> f64 {
        let of = |place: usize| self.suggestions.get(place).map_or(0.0, |suggestion| suggestion.confidence);
        let lead = ((of(0) - of(1)) / 0.15).clamp(0.0, 1.0);
        of(0) * (0.7 + 0.3 * lead)
    }
}

/// Compares a lead with the accounts that may be meant. `count` says how many accounts have a word in their names.
#[must_use]
pub fn judge<'a>(
    probe: &Probe,
    candidates: impl IntoIterator<Item = &'a Candidate>,
    count: impl Fn(&str) -> usize,
    settings: &Matching,
) -> Verdict {
    if probe.is_blank() {
        let reason = "The lead names no company, and its address says nothing of one.".to_owned();
        return Verdict { outcome: Outcome::None, reason, suggestions: Vec::new() };
    }
    let rarity = |word: &str| rarity(count(word));
    let mut ranked: Vec<(&Candidate, Suggestion)> =
        candidates.into_iter().map(|candidate| (candidate, suggestion(probe, candidate, &rarity))).collect();
    ranked.sort_by(|a, b| by_confidence(&a.1, &b.1));
    // Below what is suggested, the runner-up still tells how sure the best one is.
    ranked.truncate(MAX_SHOWN.max(8));
    let (outcome, chosen, reason) = decide(probe, &ranked, settings);
    if let Some(chosen) = chosen {
        ranked[..=chosen].rotate_right(1);
    }
    let shown = ranked.into_iter().map(|(_, suggestion)| suggestion);
    let suggestions = shown
        .filter(|suggestion| suggestion.confidence >= settings.suggest_from.min(0.2))
        .take(MAX_SHOWN)
        .collect();
    Verdict { outcome, reason, suggestions }
}

fn by_confidence(one: &Suggestion, other: &Suggestion) -> Ordering {
    other.confidence.total_cmp(&one.confidence).then_with(|| one.account_id.cmp(&other.account_id))
}

/// What to do, with which of the ranked, and why.
fn decide(
    probe: &Probe,
    ranked: &[(&Candidate, Suggestion)],
    settings: &Matching,
) -> (Outcome, Option<usize>, String) {
    let Some((_, best)) = ranked.first().filter(|(_, best)| best.confidence >= settings.suggest_from) else {
        return (Outcome::None, None, "No account has this domain, or a name like this one.".into());
    };
    if best.confidence < settings.accept_from {
        let reason =
            format!("{} comes closest, but not close enough to be sure: {}.", best.name, in_words(best));
        return (Outcome::Ambiguous, None, reason);
    }
    let floor = (best.confidence - settings.margin).max(settings.accept_from);
    let mut alike: Vec<usize> =
        (0..ranked.len()).filter(|&place| ranked[place].1.confidence >= floor - f64::EPSILON).collect();
    if alike.len() == 1 {
        return (Outcome::Matched, Some(0), sentence(best));
    }
    let rivals = alike.len();
    for breaker in &settings.tie_breakers {
        let best = alike.iter().map(|&place| standing(*breaker, ranked[place].0, probe)).max();
        let before = alike.len();
        alike.retain(|&place| Some(standing(*breaker, ranked[place].0, probe)) == best);
        if let [place] = alike[..]
            && before > 1
        {
            let chosen = &ranked[place].1;
            let reason = format!(
                "{} {rivals} accounts fit alike; {} {}.",
                sentence(chosen),
                chosen.name,
                breaker.because()
            );
            return (Outcome::Matched, Some(place), reason);
        }
    }
    let names: Vec<&str> = alike.iter().take(3).map(|&place| ranked[place].1.name.as_str()).collect();
    let reason =
        format!("{} fit alike, and nothing decides between them.", crate::book::all_of(names.into_iter()));
    (Outcome::Ambiguous, None, reason)
}

/// How an account stands by one tie-breaker; more goes first.
fn standing(breaker: TieBreaker, candidate: &Candidate, probe: &Probe) -> i64 {
    let account = &candidate.account;
    let is = |yes: bool| i64::from(yes);
    match breaker {
        TieBreaker::OpenOpportunity => is(account.opportunity.is_some()),
        TieBreaker::NamedAccount => is(account.is_named),
        TieBreaker::Region => {
            let region = comparable(account.region.as_deref());
            let country = comparable_country(account.country.as_deref());
            2 * is(region.is_some() && region == probe.region)
                + is(country.is_some() && country == probe.country)
        }
        TieBreaker::MostRecentActivity => {
            candidate.last_activity_at.map_or(i64::MIN, |moment| moment.timestamp_micros())
        }
        TieBreaker::MostLeads => i64::try_from(candidate.leads).unwrap_or(i64::MAX),
        TieBreaker::TopOfHierarchy => is(account.parent_id.is_none()),
    }
}

/// `The e-mail domain acme.com is the account's, and the names are the same.`
fn sentence(suggestion: &Suggestion) -> String {
    let mut text = in_words(suggestion);
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    text.push('.');
    text
}

fn in_words(suggestion: &Suggestion) -> String {
    let texts: Vec<&str> = suggestion.evidence.iter().map(|evidence| evidence.text.as_str()).collect();
    crate::book::all_of(texts.into_iter())
}

/// How sure it is that `candidate` is meant, and what speaks for it.
fn suggestion(probe: &Probe, candidate: &Candidate, rarity: &impl Fn(&str) -> f64) -> Suggestion {
    let account = &candidate.account;
    let mut evidence = Vec::new();
    let by_domain = domain_says(probe, account, &mut evidence);
    let by_name = name_says(probe, candidate, rarity, &mut evidence);
    let mut confidence = 1.0 - (1.0 - by_domain) * (1.0 - by_name);
    if by_domain < SAME_DOMAIN && by_name == 0.0 {
        let by_label = label_says(probe, candidate, rarity, &mut evidence);
        confidence = confidence.max(by_label);
    }
    if confidence > 0.0 {
        confidence = address_says(probe, account, by_domain >= SAME_DOMAIN, confidence, &mut evidence);
    }
    let confidence = (confidence.clamp(0.0, MOST) * 1_000.0).round() / 1_000.0;
    Suggestion { account_id: account.id, name: account.name.clone(), confidence, evidence }
}

fn found(about: Witness, text: String) -> Evidence {
    Evidence { about, text, speaks_for: true }
}

fn domain_says(probe: &Probe, account: &Account, evidence: &mut Vec<Evidence>) -> f64 {
    if let Some(domain) = probe.domains.iter().find(|domain| account.domains.contains(domain)) {
        evidence.push(found(Witness::Domain, format!("the domain {domain} is the account's")));
        return SAME_DOMAIN;
    }
    for domain in &probe.domains {
        let label = domain::label(domain);
        let same = account.domains.iter().find(|known| domain::label(known) == label);
        if let Some(known) = same.filter(|_| label.len() >= 4) {
            evidence.push(found(Witness::Domain, format!("the domain {domain} is like {known}")));
            return SAME_LABEL;
        }
    }
    0.0
}

/// The likest of two sets of names.
fn likest(asked: &[Name], candidate: &Candidate, rarity: &impl Fn(&str) -> f64) -> Option<(Likeness, bool)> {
    let mut best: Option<(Likeness, bool)> = None;
    for one in asked {
        for other in &candidate.names {
            let likeness = compare(one, other, rarity);
            // German and American companies of one name are two companies more often than not.
            let forms_differ = !one.forms.is_empty()
                && !other.forms.is_empty()
                && !one.forms.iter().any(|form| other.forms.contains(form));
            let is_better = best
                .as_ref()
                .is_none_or(|(known, differed)| (likeness.score, !forms_differ) > (known.score, !differed));
            if is_better {
                best = Some((likeness, forms_differ));
            }
        }
    }
    best
}

fn name_says(
    probe: &Probe,
    candidate: &Candidate,
    rarity: &impl Fn(&str) -> f64,
    evidence: &mut Vec<Evidence>,
) -> f64 {
    let Some((likeness, forms_differ)) = likest(&probe.names, candidate, rarity) else { return 0.0 };
    let company = probe.company.as_deref().unwrap_or_default();
    let text = if likeness.is_same {
        "the names are the same".to_owned()
    } else if likeness.is_initials {
        "one name is the initials of the other".to_owned()
    } else if likeness.score >= 0.2 {
        format!("the names share \"{}\"", likeness.shared.first().map_or(company, String::as_str))
    } else {
        if !probe.domains.is_empty() && likeness.score < 0.1 {
            evidence.push(Evidence {
                about: Witness::Name,
                text: format!("the name \"{company}\" is another"),
                speaks_for: false,
            });
        }
        return 0.0;
    };
    evidence.push(found(Witness::Name, text));
    let sure = likeness.score * SAME_NAME;
    if forms_differ { sure - 0.03 } else { sure }
}

/// What the name within a domain says of an account that has another domain or none.
fn label_says(
    probe: &Probe,
    candidate: &Candidate,
    rarity: &impl Fn(&str) -> f64,
    evidence: &mut Vec<Evidence>,
) -> f64 {
    let Some((likeness, _)) = likest(&probe.label_names, candidate, rarity) else { return 0.0 };
    let Some(domain) = probe.domains.first().filter(|_| likeness.score >= 0.5) else { return 0.0 };
    evidence.push(found(Witness::Domain, format!("the domain {domain} reads like its name")));
    likeness.score * if likeness.is_same { 0.75 } else { 0.6 }
}

fn address_says(
    probe: &Probe,
    account: &Account,
    is_same_domain: bool,
    confidence: f64,
    evidence: &mut Vec<Evidence>,
) -> f64 {
    let mut sure = confidence;
    let mut support = |share: f64, what: &str, evidence: &mut Vec<Evidence>| {
        sure += (1.0 - sure) * share;
        evidence.push(found(Witness::Address, format!("{what} is the same")));
    };
    let code = comparable(account.postal_code.as_deref());
    if code.is_some() && code == probe.postal_code {
        support(0.25, "the postal code", evidence);
    }
    let city = comparable(account.city.as_deref());
    if city.is_some() && city == probe.city {
        support(0.15, "the city", evidence);
    }
    let country = comparable_country(account.country.as_deref());
    if country.is_some() && country == probe.country {
        support(0.08, "the country", evidence);
    } else if let (Some(_), Some(_), false) = (country, &probe.country, is_same_domain) {
        sure *= 0.94;
        evidence.push(Evidence {
            about: Witness::Address,
            text: "the country is another".into(),
            speaks_for: false,
        });
    }
    sure
}
