//! Matching leads to accounts: which company a lead comes from, how sure that is, and why.
//!
//! A lead is prepared as a [`Probe`]; its keys lead to accounts that may be meant; [`judge`] compares those and decides.
//! Looking up is done by whoever has the accounts: the book in a transaction, or an [`Index`] for many leads at once.
//! Both give the same verdict.
//!
//! What it must never do: decide by chance, or by the order in which accounts were loaded; match a lead whose account
//! it is not sure of; take the domain of a mailbox provider for a company's.
//!
//! | Task | Files |
//! |---|---|
//! | Add a legal form, a common word or an abbreviation | `words.rs` |
//! | Change how a name is taken apart | `name.rs`, `text.rs` |
//! | Change how alike names are | `compare.rs` |
//! | Change what counts how much, or a tie-breaker | `judge.rs`, `settings.rs` |
//! | Change which accounts are compared at all | `key.rs`, `index.rs` |

mod compare;
pub mod domain;
mod index;
mod judge;
pub mod key;
mod name;
mod probe;
mod record;
mod settings;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use compare::Likeness;
pub use index::{Index, choose};
pub use judge::{Candidate, Evidence, MAX_SHOWN, Outcome, Suggestion, Verdict, Witness, judge};
pub use name::Name;
pub use probe::{Probe, Traits};
pub use record::{LeadMatch, MatchStatus, UnknownMatchStatus, thousandths};
pub use settings::{Matching, NAME, SettingsProblem, TieBreaker};
