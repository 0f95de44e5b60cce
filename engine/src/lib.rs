//! What a workflow means and what a run does next.
//!
//! This crate is pure. It never reads a clock, draws a random number, opens a socket or a file, and knows nothing of
//! tokio, sqlx, axum, reqwest or wasmtime (a test reads the dependency graph and fails if one appears). A run is a state
//! machine: events go in, effects come out, and the same events always give the same state.

pub mod compile;
pub mod condition;
pub mod document;
pub mod expression;
pub mod failure;
pub mod formula;
mod graph;
pub mod kind;
pub mod reference;
pub mod run;
pub mod schedule;
pub mod steps;
pub mod trigger;
mod validate;
