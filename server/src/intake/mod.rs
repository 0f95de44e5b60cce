//! How data from outside becomes events and items: CSV rows, the pieces of big files, and the bodies of webhook calls.
//! Nothing here starts a run.

pub mod columns;
pub mod csv;
pub mod list;
pub mod payload;
pub mod stretch;
