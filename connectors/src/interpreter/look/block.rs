//! Records that one question cannot tell apart, because they share a moment, and that are more than a page.
//!
//! Their pages are turned by place. A record that changes between two pages leaves its place, and the one that slips into
//! it is on neither page. So they are read again until two passes in a row bring the same: whoever left during the first
//! of the two would be missing from the second, so none left, and no record was passed over. What stood after them is
//! known from that first pass alone: during the second, records may have slipped.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Passes after which it goes on all the same. Records can only leave a moment that is past, so that an app whose list does
/// not settle by then has no such order.
const MOST_PASSES: u32 = 100;

/// What has been read of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Block {
    /// What this pass has brought, as a digest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    seen: String,
    /// The pass before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Pass>,
    passes: u32,
}

/// A pass that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pass {
    seen: String,
    /// The newest mark of its last page, when that lies after those of the block.
    pub(super) ahead: Option<i64>,
    /// Whether there were more pages.
    pub(super) more: bool,
}

impl Block {
    /// A page of this pass.
    pub(super) fn read(&mut self, records: &[(String, i64)]) {
        for (id, mark) in records {
            let mut digest = Sha256::new();
            digest.update(&self.seen);
            digest.update(mark.to_le_bytes());
            digest.update(id);
            self.seen = URL_SAFE_NO_PAD.encode(digest.finalize());
        }
    }

    /// The pass is over. Gives the one during which nothing moved; without one, another pass begins.
    pub(super) fn settled(&mut self, ahead: Option<i64>, more: bool) -> Option<Pass> {
        self.passes += 1;
        let pass = Pass { seen: std::mem::take(&mut self.seen), ahead, more };
        let before = self.before.replace(pass.clone());
        if self.passes >= MOST_PASSES {
            return Some(pass);
        }
        before.filter(|before| before.seen == pass.seen && before.ahead.is_some() == ahead.is_some())
    }
}
