//! What the leads page asks for, shows and does with many leads at once: which leads, in which columns.
//!
//! The page, the export, the saved views and the jobs over many leads all say "which leads" in the same words, so that
//! what is changed or given out is what was looked at.
//!
//! What this must never do: keep more than a page of leads in memory, or answer what the store cannot answer at a bounded
//! cost.

mod change;
mod columns;
mod export;
pub mod identity;
mod implied;
mod selection;

pub use change::{LeadChange, UnusableChange};
pub use columns::{LeadColumn, UnknownColumn};
pub use export::{Export, Format};
pub use selection::{
    LeadFilter, LeadSelection, LeadSort, MOST_LEADS, UnusableFilter, read_place, write_place,
};
