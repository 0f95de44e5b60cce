//! What the rows of either database stand for. Backends name their columns alike, so that this is written once.

mod accounts;
mod connections;
mod connectors;
pub(crate) mod definition;
mod imports;
mod jobs;
mod leads;
mod plugins;
mod runs;
pub(crate) mod search;
mod suppressions;
mod tables;
mod words;
mod workflows;

pub(crate) use accounts::{api_token, session, user};
pub(crate) use connections::{connection, connection_use, handshake};
pub(crate) use connectors::{connector, connector_import, connector_use, edition, unpressed};
pub(crate) use imports::{done_stretch, import, import_row_texts};
pub(crate) use jobs::{digest, job, job_item, pin, stored_file};
pub(crate) use leads::{activity, asked_pools, lead_row, list_row, member, named, owner, owner_count, stage};
pub(crate) use plugins::{plugin, plugin_use};
pub(crate) use runs::{header, held_for, read_key, run_row, state};
pub(crate) use suppressions::suppression;
pub(crate) use tables::{counter, data_row, data_table};
pub(crate) use words::{letter, wait};
pub(crate) use workflows::{pinned, summary, version_row, workflow};
