//! What the rows of either database stand for. Backends name their columns alike, so that this is written once.

mod accounts;
mod leads;
mod runs;
mod workflows;

pub(crate) use accounts::{api_token, session, user};
pub(crate) use leads::{activity, lead_row, list_row, member, named, owner, owner_count, stage};
pub(crate) use runs::{header, run_row, state};
pub(crate) use workflows::{pinned, summary, version_row, workflow};
