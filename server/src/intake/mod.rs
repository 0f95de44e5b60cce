//! How data from outside becomes events: CSV rows and the bodies of webhook calls. Nothing here starts a run.

pub mod columns;
pub mod csv;
pub mod payload;
