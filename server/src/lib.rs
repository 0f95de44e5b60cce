//! The server: HTTP, runs, triggers and the command line of the binary `trunkline`.
//!
//! What this crate must never do:
//! - It never answers an event before the event is durable, and never begins a write before the turn that asked for it
//!   is.
//! - It never opens a route under `/api/v1` without the guard, and never reads a body without a limit.
//! - It never decides what a step does (that is `engine` and `leads`), and never writes a row (that is `store`).
//! - It never logs a payload, a header, a query, a secret or a token.
//!
//! | Task | Files |
//! |---|---|
//! | Add or change an API call | its resource in `http/`, then `cargo xtask reference` |
//! | Add an error people can meet | the catalog in `http/problem.rs`, a page in `docs/errors` |
//! | Change what the leads page can ask for, show and give out | `leads/`, `sheets/` |
//! | Change how drafts are tried, compared and undone | `rehearse/` |
//! | Change long work that people watch | `jobs/` |
//! | Change how runs are driven, woken or taken up again | `runner/` |
//! | Change how bodies and CSV files become events | `intake/` |
//! | Add a command | `cli/` |
//! | Change what a new workspace holds | `demo/` |

#![cfg_attr(test, allow(clippy::needless_pass_by_value, reason = "cases read better with `json!` in place"))]

pub mod app;
pub mod apps;
mod assets;
pub mod auth;
pub mod cli;
pub mod config;
pub mod connections;
pub mod demo;
pub mod erasing;
pub mod hook_secrets;
pub mod http;
pub mod imports;
pub mod intake;
pub mod jobs;
pub mod kinds;
pub mod leads;
pub mod live;
pub mod plugins;
pub mod rehearse;
pub mod runner;
pub mod serve;
pub mod sheets;
pub mod telemetry;
