//! Suppression: who must not be written to, whatever a workflow says.
//!
//! An entry is about an address, not about a lead: every lead that has the address is covered, those that get it later
//! and those that are merged as well. What a lead itself says of consent counts too. The law is applied where messages
//! leave; here is what it says.
//!
//! What this module must never do: let something through because it does not understand it, or forget an entry.

mod address;
mod failures;
mod register;
pub mod steps;

pub use address::{Address, AddressKind};
pub use failures::{no_address, not_known};
pub use register::{Answer, Check, Register, Suppress, SuppressionOperation};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{Channel, Purpose, Recipient, SUPPRESSED};
use trunkline_engine::run::Performed;
use uuid::Uuid;

/// Longest text that says where an entry comes from, in characters.
pub const MAX_SOURCE: usize = 200;

/// Why somebody must not be written to.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// They opted out of marketing.
    #[default]
    OptedOut,
    /// Messages do not arrive.
    Bounced,
    /// They complained.
    Complained,
    /// They must not be contacted at all.
    DoNotContact,
}

impl Reason {
    /// All of them, from the weakest to the strongest.
    pub const ALL: [Self; 4] = [Self::OptedOut, Self::Bounced, Self::Complained, Self::DoNotContact];

    /// Its name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OptedOut => "opted_out",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::DoNotContact => "do_not_contact",
        }
    }

    /// What people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::OptedOut => "opted out",
            Self::Bounced => "messages do not arrive",
            Self::Complained => "complained",
            Self::DoNotContact => "must not be contacted",
        }
    }

    /// The reason that `word` names, also by the words that other systems use.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase().replace(['-', ' '], "_");
        Some(match word.as_str() {
            "opted_out" | "opt_out" | "optout" | "unsubscribed" | "unsubscribe" | "withdrawn" => {
                Self::OptedOut
            }
            "bounced" | "bounce" | "hard_bounce" | "invalid" => Self::Bounced,
            "complained" | "complaint" | "spam" | "spam_complaint" | "abuse" => Self::Complained,
            "do_not_contact" | "dnc" | "do_not_call" | "blocked" | "legal" | "competitor" => {
                Self::DoNotContact
            }
            _ => return None,
        })
    }

    /// Whether it forbids messages for `purpose`: who opted out of marketing still gets an invoice.
    #[must_use]
    pub fn forbids(self, purpose: Purpose) -> bool {
        self != Self::OptedOut || purpose == Purpose::Marketing
    }
}

/// An address that must not be written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: Uuid,
    /// The address.
    pub address: Address,
    /// Why.
    pub reason: Reason,
    /// Where it comes from, such as `Newsletter footer`.
    pub source: String,
    /// The person who added it; `None` when a run did.
    pub by: Option<String>,
    /// The run that added it.
    pub run_id: Option<Uuid>,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// Why a message must not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Whom it was for.
    pub recipient: Recipient,
    /// The entry that forbids it; `None` when a lead with the address has refused.
    pub entry: Option<Entry>,
    /// The lead that has refused.
    pub lead: Option<Uuid>,
}

/// The addresses that an entry about `recipient` may name: the address itself, and the domain it is in.
///
/// # Errors
/// `SUP-0002` when it is no address: nobody could tell whether it must not be written to.
pub fn addresses_of(recipient: &Recipient) -> Result<Vec<Address>, Failure> {
    let kind = match recipient.channel {
        Channel::Email => AddressKind::Email,
        Channel::Phone => AddressKind::Phone,
    };
    let address =
        Address::read(kind, &recipient.address).ok_or_else(|| no_address(kind, &recipient.address))?;
    let domains = address.domains();
    Ok(std::iter::once(address).chain(domains).collect())
}

/// What the law says of a message to `recipient`, with everything that is known of its addresses.
#[must_use]
pub fn judge(recipient: &Recipient, known: &[Answer]) -> Option<Refusal> {
    let forbids = |entry: &&Entry| entry.reason.forbids(recipient.purpose);
    let entries = known.iter().filter_map(|answer| answer.entry.as_ref()).filter(forbids);
    if let Some(entry) = entries.max_by_key(|entry| entry.reason) {
        return Some(Refusal { recipient: recipient.clone(), entry: Some(entry.clone()), lead: None });
    }
    let has_refused = known.iter().find_map(|answer| answer.refused_by);
    let lead = has_refused.filter(|_| recipient.purpose == Purpose::Marketing)?;
    Some(Refusal { recipient: recipient.clone(), entry: None, lead: Some(lead) })
}

impl Refusal {
    /// Why, in one plain sentence.
    #[must_use]
    pub fn why(&self) -> String {
        let address = &self.recipient.address;
        match &self.entry {
            Some(entry) => {
                let since = entry.at.format("%-d %B %Y");
                format!(
                    "Held back: {} {} since {since} ({}).",
                    entry.address,
                    entry.reason.label(),
                    entry.source
                )
            }
            None => format!("Held back: a lead with the address {address} has refused consent."),
        }
    }

    /// What the step that would have sent it puts out.
    #[must_use]
    pub fn performed(&self) -> Performed {
        let entry = self.entry.as_ref();
        let evidence = json!({
            "code": "SUP-0001",
            "address": self.recipient.address,
            "channel": self.recipient.channel,
            "purpose": self.recipient.purpose,
            "reason": entry.map_or("no_consent", |entry| entry.reason.as_str()),
            "entry": entry.map(|entry| entry.id),
            "source": entry.map(|entry| entry.source.as_str()),
            "since": entry.map(|entry| entry.at),
            "lead": self.lead,
        });
        let output = Value::Object([(SUPPRESSED.to_owned(), evidence)].into_iter().collect());
        Performed { output, why: Some(self.why()), written: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(address: &str, purpose: Purpose) -> Recipient {
        Recipient { channel: Channel::Email, address: address.into(), purpose }
    }

    fn known(address: &Address, reason: Option<Reason>, refused_by: Option<Uuid>) -> Answer {
        let entry = reason.map(|reason| Entry {
            id: Uuid::nil(),
            address: address.clone(),
            reason,
            source: "A test".into(),
            by: None,
            run_id: None,
            at: DateTime::UNIX_EPOCH,
        });
        Answer { address: address.clone(), entry, refused_by }
    }

    #[test]
    fn who_opted_out_gets_no_marketing_and_who_complained_gets_nothing() {
        let marketing = to("Ada@Mail.Acme.example", Purpose::Marketing);
        let service = to("ada@mail.acme.example", Purpose::Service);
        let addresses = addresses_of(&marketing).unwrap();
        let names: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["ada@mail.acme.example", "mail.acme.example", "acme.example"]);
        let one = |reason| vec![known(&addresses[0], Some(reason), None)];
        assert!(judge(&marketing, &one(Reason::OptedOut)).is_some());
        assert!(judge(&service, &one(Reason::OptedOut)).is_none());
        for reason in [Reason::Bounced, Reason::Complained, Reason::DoNotContact] {
            assert!(judge(&service, &one(reason)).is_some());
        }
        let refused = [known(&addresses[0], None, Some(Uuid::from_u128(7)))];
        assert_eq!(judge(&marketing, &refused).unwrap().lead, Some(Uuid::from_u128(7)));
        assert!(judge(&service, &refused).is_none());
        assert!(judge(&marketing, &[known(&addresses[0], None, None)]).is_none());
    }

    #[test]
    fn a_whole_domain_may_be_closed() {
        let recipient = to("ada@mail.acme.example", Purpose::Marketing);
        let addresses = addresses_of(&recipient).unwrap();
        let closed = [known(&addresses[2], Some(Reason::DoNotContact), None)];
        let refusal = judge(&recipient, &closed).unwrap();
        assert_eq!(
            refusal.why(),
            "Held back: acme.example must not be contacted since 1 January 1970 (A test)."
        );
        assert_eq!(refusal.performed().output["suppressed"]["reason"], "do_not_contact");
    }

    #[test]
    fn what_is_no_address_is_not_let_through() {
        for wrong in ["", "ada", "@", "ada@"] {
            assert_eq!(addresses_of(&to(wrong, Purpose::Service)).unwrap_err().code, "SUP-0002", "{wrong}");
        }
    }

    #[test]
    fn words_of_other_systems_are_understood() {
        for reason in Reason::ALL {
            assert_eq!(Reason::read(reason.as_str()), Some(reason));
        }
        assert_eq!(Reason::read("Hard bounce"), Some(Reason::Bounced));
        assert_eq!(Reason::read("because"), None);
    }
}
