//! The studio, our own components and the error pages, carried inside the binary.

use rust_embed::RustEmbed;

/// The built studio; empty when the server was compiled without it.
#[derive(RustEmbed)]
#[folder = "../studio/dist"]
pub(crate) struct Studio;

/// Components of our own; empty when the server was compiled without them.
#[derive(RustEmbed)]
#[folder = "../plugins/dist"]
pub(crate) struct Components;

/// One Markdown page per error code.
#[derive(RustEmbed)]
#[folder = "../docs/errors"]
pub(crate) struct ErrorPages;
