//! What a book asks of the store, and what it is answered.

use super::OfKey;
use crate::criteria::Trace;
use crate::definition::Definition;
use crate::enrichment::{Meter, Provenance, Remembered};
use crate::key::Key;
use crate::lead::Lead;
use crate::linkage::{Alike, Probe};
use crate::list::{List, Membership};
use crate::matching::{Candidate, LeadMatch};
use crate::merge::Merge;
use crate::pool::{Owner, Pool};
use crate::sla::Clock;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Something a book has to know before it can perform an operation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Need {
    /// Which lead has this key.
    Key(Key),
    /// The lead with this id.
    Lead(Uuid),
    /// The pool with this name or id (in text), its members and counters.
    Pool(String),
    /// The owners who belong to the team of this name.
    Team(String),
    /// The owner with this id (in text), e-mail address or name, looked for in that order.
    Owner(String),
    /// How many leads the owner has, by stage.
    Load(Uuid),
    /// The clocks of the lead that still wait for something.
    Clocks(Uuid),
    /// Who owns the latest lead of the account.
    LatestOwner(Uuid),
    /// The list with this name or id (in text).
    List(String),
    /// The accounts that have this key, as [`crate::matching::key`] makes them.
    AccountKey(String),
    /// The account with this id, and what decides between it and others.
    Account(Uuid),
    /// How this lead stands with its account.
    AccountMatch(Uuid),
    /// Whether the lead is on the list.
    Membership {
        /// Which list.
        list: Uuid,
        /// Which lead.
        lead: Uuid,
    },
    /// The definitions of this kind that are in force. An operation that needs one definition needs its kind: there
    /// are few of each, and all of them are kept from one transaction to the next.
    Definitions(&'static str),
    /// What the lead and those that went into it did, of the sorts that [`Rules::watch`] asks for.
    History(Uuid),
    /// What the lead did of these sorts, without what came to it with another that went into it.
    HistoryApart {
        /// Which lead.
        lead: Uuid,
        /// The other one.
        without: Uuid,
    },
    /// When a row of the import was last about the lead.
    Imported {
        /// Which import.
        import: Uuid,
        /// Which lead.
        lead: Uuid,
    },
    /// Every key and list of the lead with this id.
    Belongings(Uuid),
    /// The merge with this id, while it stands.
    Merge(Uuid),
    /// Where the values of the lead with this id came from.
    Provenance(Uuid),
    /// What the waterfall with this id has spent.
    Spending(Uuid),
    /// What a provider answered to this question.
    Remembered(String),
    /// Whether an activity with this key was noted.
    ActivityKey(String),
    /// The leads that a look by this finds.
    Alike {
        /// What is looked for, as text.
        of: String,
        /// Which lead that is, when it is one: whom people said is somebody else is told along.
        lead: Option<Uuid>,
        /// What it is looked for by.
        probe: Box<Probe>,
    },
}

/// The answer to a [`Need`]. `None` says that it was looked for and is not there.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To [`Need::Key`].
    Key(Key, Option<Uuid>),
    /// To [`Need::Lead`].
    Lead(Uuid, Option<Box<Lead>>),
    /// To [`Need::Pool`], with the text that was asked for.
    Pool(String, Option<Pool>),
    /// To [`Need::Team`], in the order of their ids.
    Team(String, Vec<Arc<Owner>>),
    /// To [`Need::Owner`], with the text that was asked for.
    Owner(String, Option<Arc<Owner>>),
    /// To [`Need::Load`].
    Load(Uuid, BTreeMap<String, u64>),
    /// To [`Need::Clocks`].
    Clocks(Uuid, Vec<Clock>),
    /// To [`Need::LatestOwner`].
    LatestOwner(Uuid, Option<Uuid>),
    /// To [`Need::List`], with the text that was asked for.
    List(String, Option<List>),
    /// To [`Need::AccountKey`].
    AccountKey(String, OfKey),
    /// To [`Need::Account`].
    Account(Uuid, Option<Candidate>),
    /// To [`Need::AccountMatch`].
    AccountMatch(Uuid, Option<Box<LeadMatch>>),
    /// To [`Need::Membership`].
    Membership {
        /// Which list.
        list: Uuid,
        /// Which lead.
        lead: Uuid,
        /// Whether it is on it.
        is_member: bool,
    },
    /// To [`Need::Definitions`].
    Definitions(&'static str, Arc<[Definition]>),
    /// To [`Need::History`]: activities of the kinds asked for, in any order.
    History(Uuid, Vec<Trace>),
    /// To [`Need::HistoryApart`].
    HistoryApart {
        /// Which lead.
        lead: Uuid,
        /// The other one.
        without: Uuid,
        /// Activities of the kinds asked for, in any order.
        traces: Vec<Trace>,
    },
    /// To [`Need::Imported`].
    Imported {
        /// Which import.
        import: Uuid,
        /// Which lead.
        lead: Uuid,
        /// When; `None` when none was.
        at: Option<DateTime<Utc>>,
    },
    /// To [`Need::Belongings`].
    Belongings {
        /// Whose.
        lead: Uuid,
        /// Its keys.
        keys: Vec<Key>,
        /// The lists it is on.
        lists: Vec<Membership>,
    },
    /// To [`Need::Merge`].
    Merge(Uuid, Option<Box<Merge>>),
    /// To [`Need::Provenance`].
    Provenance(Uuid, Vec<Provenance>),
    /// To [`Need::Spending`].
    Spending(Uuid, Vec<Meter>),
    /// To [`Need::Remembered`].
    Remembered(String, Option<Box<Remembered>>),
    /// To [`Need::ActivityKey`].
    ActivityKey(String, bool),
    /// To [`Need::Alike`], with the text that was asked for.
    Alike(String, Box<Alike>),
    /// To [`Need::Lead`], beside an answer that it is not there: it went into another.
    Redirect {
        /// The lead that was asked for.
        from: Uuid,
        /// The lead that it is part of.
        to: Uuid,
    },
}
