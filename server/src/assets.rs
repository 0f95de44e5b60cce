//! The studio and the error pages, carried inside the binary.

use rust_embed::RustEmbed;

/// The built studio; empty when the server was compiled without it.
#[derive(RustEmbed)]
#[folder = "../studio/dist"]
pub(crate) struct Studio;

/// One Markdown page per error code.
#[derive(RustEmbed)]
#[folder = "../docs/errors"]
pub(crate) struct ErrorPages;
