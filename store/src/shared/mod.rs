//! Ports whose SQL is the same in either database, written once.
//!
//! Both read `$1`, `VALUES` lists and row values alike, and columns are named alike. The code is a macro and not a
//! generic function only because sqlx has no way to say "a database that can bind our types" without a page of bounds
//! at every function. What differs between the databases has no place here: it stays in `sqlite/` and `postgres/`.
//!
//! A backend has a pool `readers` and a [`Writer`](crate::writer::Writer) `writer`.

pub(crate) mod account_timeline;
pub(crate) mod activity_keys;
mod alike;
mod app_events;
pub(crate) mod clocks;
mod connections;
pub(crate) mod connectors;
pub(crate) mod customers;
pub(crate) mod definitions;
pub(crate) mod desk;
mod duplicates;
mod enrichment;
pub(crate) mod erasures;
mod files;
mod hook_secrets;
mod import_traces;
pub(crate) mod imports;
mod jobs;
mod keys;
pub(crate) mod lead_events;
mod lead_narrowing;
pub(crate) mod lead_search;
pub(crate) mod lead_words;
mod mentions;
mod merging;
pub(crate) mod payloads;
mod pins;
mod plugins;
mod quotes;
pub(crate) mod retention;
mod rules;
pub(crate) mod standing;
mod storage;
mod suppressions;
pub(crate) mod tables;
mod ticks;
mod words;
