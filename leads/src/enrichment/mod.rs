//! Enrichment: providers of data that are asked one after the other until the wanted fields of a lead are filled.
//!
//! A [`Waterfall`] says which fields are wanted, which providers know them, how far each is trusted and how long its
//! word counts, and what may be spent. [`advance`] is the whole of it: from the lead, where its values came from, what
//! was answered before and what has been spent, it works out whom to ask next, takes the answer in, and says when there
//! is nothing left to ask. The book does the rest: it writes the values with where they came from, in the transaction
//! that journals the run.
//!
//! What must never happen here:
//! - Nobody is asked whose budget does not cover the call: the price is reserved before the question leaves.
//! - A question that was answered is not asked again while its answer counts, found or not.
//! - A value that is trusted more, and has not grown old, never gives way to one that is trusted less.
//! - No credential is in a request that is handed out: the server adds what signs it, right before it leaves.

mod advance;
mod answer;
mod document;
mod meter;
mod money;
mod problems;
mod progress;
mod request;
mod standing;
#[cfg(test)]
mod tests;
mod words;

pub use advance::{Ask, Case, Next, advance};
pub use answer::{Answer, Answers, Remembered, RememberedState};
pub use document::{
    Budget, Fill, HttpSource, Line, MAX_PROVIDERS, Method, Provider, SignIn, Source, Wanted, Waterfall,
};
pub use meter::{Meter, Tally, Till, WHOLE};
pub use money::Money;
pub use progress::{Found, Progress, Traced, What};
pub use request::Request;
pub use standing::{Provenance, Standing, label, place};

pub(crate) use answer::values;
pub(crate) use request::key_of;
pub(crate) use standing::{beats, standing};
pub(crate) use words::listed;
