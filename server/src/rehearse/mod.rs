//! Rehearsals: what a workflow would do, without doing it.
//!
//! A rehearsal drives the same machine as a real run, through the same gate in another mode: a [`DryRun`] reads live, a
//! [`BackTest`] reads what an old run was told. Waits pass at once; what is taken for granted is said.
//!
//! What it must never do: write to the store, send anything that changes something, start a run, guess what an old run
//! never asked, or work on an async thread. It is bounded in steps, time and memory, and can be stopped.

mod act;
mod back_test;
mod dry_run;
mod failures;
pub mod groups;
mod ledger;
pub mod outcome;
pub mod past;
mod stage;
pub mod trial;
pub mod undo;
pub mod undo_tables;

pub use act::{Act, How, Matter, NotKnown, Passed, Write, writes};
pub use back_test::BackTest;
pub use dry_run::{DryRun, Samples};
pub use failures::{NOT_KNOWN, too_much};
pub use ledger::{Leads, Ledger, Surroundings, Unperformed};
pub use outcome::{Difference, Outcome};
pub use stage::{Assumption, Callees, Play, Rehearsed, Scene, rehearse};
