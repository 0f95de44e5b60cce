//! The lead domain: who a lead is, what it is worth, who owns it and how far it has come.
//!
//! What this crate must never do:
//! - It never opens a file, a socket or a database, and knows nothing of the store or the server. What an operation has
//!   to know is named by [`book::Need`] and handed in; what it changed is handed out as [`book::Changes`].
//! - It reads no clock and draws no random number. The moment and new ids come in with the [`book::Occasion`].
//! - An operation is whole or it is nothing: [`book::Book::perform`] either applies all of it or returns a
//!   [`Failure`](trunkline_engine::failure::Failure) and leaves the book as it was.
//! - An identity key belongs to at most one lead, and a lead's own identity fields always hold keys that belong to it.
//!   That, and the book seeing events one after another, is why two events about one person never make two leads.
//! - The same operations in the same order give the same leads, however they are cut into transactions.
//!
//! Where things are:
//!
//! | Task | Files |
//! |---|---|
//! | Add or rename a core field of a lead | `field.rs`, `lead.rs` |
//! | Change what own fields can hold | `own_field/` |
//! | Change what counts as the same lead | `key.rs`, `book/find_or_create.rs` |
//! | Change how duplicates without a common key are found | `linkage/` |
//! | Change where leads go | `routing/table.rs`, `routing/cell.rs`, `routing/decide.rs` |
//! | Change how a pool takes turns | `routing/turn.rs` |
//! | Change when people are at work | `hours/` |
//! | Change how quickly owners have to answer | `sla/` |
//! | Change what rules can ask about a lead | `criteria/` |
//! | Change how a score is worked out | `scoring/` |
//! | Change how stages are moved through | `lifecycle/`, `book/set_stage.rs` |
//! | Change what a segment is | `segment/` |
//! | Change whom an enrichment asks, and what counts | `enrichment/`, `book/enrich.rs` |
//! | Change what follows from rules by itself | `standing/`, `book/assess.rs` |
//! | Change what wins when leads are merged | `merge.rs`, `book/merge.rs` |
//! | Change how a pool takes turns | `pool.rs` |
//! | Add an operation | `operation.rs`, a file in `book/`, a file in `steps/` |
//! | Change which account a lead is matched to | `matching/` |
//! | Change what people read about a lead step | its file in `steps/` |
//! | Change data tables and counters | `table/` |
//! | Change who must not be written to | `suppression/` |

#![cfg_attr(test, allow(clippy::needless_pass_by_value, reason = "cases read better with `json!` in place"))]

pub mod account;
pub mod activity;
pub mod book;
pub mod cleaning;
pub mod criteria;
pub mod definition;
pub mod enrichment;
mod failures;
pub mod field;
pub mod hours;
pub mod importing;
pub mod key;
pub mod lead;
pub mod lifecycle;
pub mod linkage;
pub mod list;
pub mod matching;
pub mod merge;
pub mod operation;
pub mod own_field;
pub mod place;
pub mod pool;
mod record;
pub mod routing;
pub mod scoring;
pub mod segment;
pub mod sla;
pub mod stage;
pub mod standing;
pub mod steps;
pub mod suppression;
pub mod table;

pub use account::Account;
pub use activity::{Activity, ActivityKind, By, Touch};
pub use book::{Answer, Book, Changes, Need, Occasion};
pub use definition::Definition;
pub use key::{Key, KeyKind};
pub use lead::{Lead, Reason};
pub use list::{List, Membership};
pub use merge::{Merge, MergeRules};
pub use operation::Operation;
pub use place::Place;
pub use pool::{Counter, Member, Owner, Pool};
pub use stage::Stage;
