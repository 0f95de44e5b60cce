//! What a workspace decides about matching: from when on a match is made without asking, and what decides between
//! accounts that fit alike. It is a versioned definition; without one the defaults hold.

use super::domain;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of the one definition of this kind.
pub const NAME: &str = "Account matching";
/// Most mailbox providers a workspace can add.
const MAX_PROVIDERS: usize = 1_000;

/// Settings of matching leads to accounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Matching {
    /// Confidence from which on a lead is matched without asking, 0.5 to 1.
    pub accept_from: f64,
    /// Confidence from which on an account is shown as a possible match, 0.2 to `accept_from`.
    pub suggest_from: f64,
    /// Accounts whose confidence is within this much of the best one fit alike, 0 to 0.3.
    pub margin: f64,
    /// What decides between accounts that fit alike, the first that tells them apart.
    pub tie_breakers: Vec<TieBreaker>,
    /// Domains where anybody can have a mailbox, besides those Trunkline knows.
    pub mailbox_providers: Vec<String>,
}

/// Something that decides between accounts that fit alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TieBreaker {
    /// An account with an open opportunity goes first.
    OpenOpportunity,
    /// A named account goes first.
    NamedAccount,
    /// An account in the lead's region goes first, or else in its country.
    Region,
    /// The account something happened at most recently goes first.
    MostRecentActivity,
    /// The account with the most leads goes first.
    MostLeads,
    /// The account at the top of a hierarchy goes first.
    TopOfHierarchy,
}

impl TieBreaker {
    /// All of them, in the order that holds when nobody chose another.
    pub const ALL: [Self; 6] = [
        Self::OpenOpportunity,
        Self::NamedAccount,
        Self::Region,
        Self::MostRecentActivity,
        Self::MostLeads,
        Self::TopOfHierarchy,
    ];

    /// Why an account went first, as the end of a sentence that begins with its name.
    pub(crate) fn because(self) -> &'static str {
        match self {
            Self::OpenOpportunity => "has an open opportunity",
            Self::NamedAccount => "is a named account",
            Self::Region => "is in the lead's region",
            Self::MostRecentActivity => "was active most recently",
            Self::MostLeads => "has the most leads",
            Self::TopOfHierarchy => "is at the top of the hierarchy",
        }
    }
}

impl Default for Matching {
    fn default() -> Self {
        Self {
            accept_from: 0.8,
            suggest_from: 0.4,
            margin: 0.05,
            tie_breakers: TieBreaker::ALL[..5].to_vec(),
            mailbox_providers: Vec::new(),
        }
    }
}

/// What is wrong with settings, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsProblem {
    /// Path of the field, such as `/accept_from`.
    pub path: String,
    /// What is wrong, in words.
    pub message: String,
}

impl Matching {
    /// What keeps these settings from being published.
    #[must_use]
    pub fn problems(&self) -> Vec<SettingsProblem> {
        let mut problems = Vec::new();
        let mut add = |path: &str, message: &str| {
            problems.push(SettingsProblem { path: path.to_owned(), message: message.to_owned() });
        };
        if !(0.5..=1.0).contains(&self.accept_from) {
            add("/accept_from", "Leads can be matched without asking from a confidence of 50% to 100%.");
        }
        if !(0.2..=1.0).contains(&self.suggest_from) || self.suggest_from > self.accept_from {
            add(
                "/suggest_from",
                "Accounts can be suggested from a confidence of 20% up to the one for matching.",
            );
        }
        if !(0.0..=0.3).contains(&self.margin) {
            add("/margin", "Accounts fit alike when their confidence is at most 30% apart.");
        }
        for (place, breaker) in self.tie_breakers.iter().enumerate() {
            if self.tie_breakers[..place].contains(breaker) {
                add(&format!("/tie_breakers/{place}"), "This tie-breaker is in the list twice.");
            }
        }
        if self.mailbox_providers.len() > MAX_PROVIDERS {
            add("/mailbox_providers", "At most 1,000 domains can be added.");
        }
        for (place, provider) in self.mailbox_providers.iter().enumerate().take(MAX_PROVIDERS) {
            if domain::registered(provider).is_none() {
                add(&format!("/mailbox_providers/{place}"), "This is no domain such as example.com.");
            }
        }
        problems
    }

    /// The settings as people read them, one sentence each.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let percent = |share: f64| format!("{:.0}%", share * 100.0);
        let mut sentences = vec![
            format!(
                "A lead is matched without asking when the confidence is {} or more.",
                percent(self.accept_from)
            ),
            format!("Below that, accounts from {} are suggested to a person.", percent(self.suggest_from)),
        ];
        let order: Vec<&str> = self.tie_breakers.iter().map(|breaker| breaker.because()).collect();
        sentences.push(if order.is_empty() {
            format!("When several accounts fit alike (within {}), a person decides.", percent(self.margin))
        } else {
            format!(
                "When several accounts fit alike (within {}), the one goes first that {}; otherwise a person decides.",
                percent(self.margin),
                order.join(", or else the one that ")
            )
        });
        if !self.mailbox_providers.is_empty() {
            sentences.push(format!(
                "Addresses at {} say nothing of a company.",
                self.mailbox_providers.join(", ")
            ));
        }
        sentences
    }

    /// Whether addresses at `domain` say nothing of a company.
    #[must_use]
    pub fn is_mailbox_provider(&self, domain: &str) -> bool {
        domain::is_mailbox_provider(domain)
            || self.mailbox_providers.iter().any(|known| domain::registered(known).as_deref() == Some(domain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_be_published_and_read_well() {
        let settings = Matching::default();
        assert!(settings.problems().is_empty());
        assert_eq!(
            settings.in_words()[0],
            "A lead is matched without asking when the confidence is 80% or more."
        );
        assert_eq!(serde_json::from_str::<Matching>("{}").unwrap(), settings);
    }

    #[test]
    fn what_cannot_be_published_is_pointed_at() {
        let settings = Matching {
            accept_from: 0.3,
            suggest_from: 0.4,
            margin: 0.5,
            tie_breakers: vec![TieBreaker::MostLeads, TieBreaker::MostLeads],
            mailbox_providers: vec!["nowhere".into()],
        };
        let paths: Vec<String> = settings.problems().into_iter().map(|problem| problem.path).collect();
        assert_eq!(
            paths,
            ["/accept_from", "/suggest_from", "/margin", "/tie_breakers/1", "/mailbox_providers/0"]
        );
    }

    #[test]
    fn a_workspace_can_add_mailbox_providers() {
        let settings = Matching { mailbox_providers: vec!["mail.example.com".into()], ..Matching::default() };
        assert!(settings.is_mailbox_provider("example.com"));
        assert!(settings.is_mailbox_provider("gmail.com"));
        assert!(!settings.is_mailbox_provider("example.org"));
    }
}
