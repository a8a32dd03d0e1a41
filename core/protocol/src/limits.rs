//! Caps, each on raw bytes: what a sender keeps to and a receiver enforces before it allocates.

use gridpatrol_model::op::MAX_OP_BYTES;

/// Protocol version of this code (2026-11).
pub const VERSION: u16 = 1;

/// Ops of a frame. A frame is one commit on the hub: large enough to spread an fsync, small enough to repeat
/// on a bad line.
pub const FRAME_OPS: usize = 500;

/// Raw bytes after which a frame takes no further op. One op may be 32 KB, so a frame stays under 96 KB.
pub const FRAME_BYTES: usize = 64 * 1024;

/// Raw bytes of a frame's ops that a receiver accepts: the last op may be a large one.
pub const FRAME_CAP: usize = FRAME_BYTES + MAX_OP_BYTES + 4 * 1024;

/// Sets and dots of a frame or page, each of which costs a receiver far more memory than it has bytes.
/// A writer stops before the last op could exceed it.
pub const PARTS: u64 = 100_000;

/// Raw bytes of one message before compression, either way: bounds what a hostile body can make the
/// receiver allocate, whatever its compressed size claims.
pub const MESSAGE_BYTES: usize = 2 * 1024 * 1024;

/// Frames of a request: full ones of the largest kind still keep under the cap of a message.
pub const FRAMES: usize = MESSAGE_BYTES / (FRAME_CAP + 1024);

/// Scopes of a member's view: some hundred areas.
pub const SCOPES: usize = 1_000;

/// Ops that a frame may call lost: more than a phone writes in years, and few enough to be counted.
pub const LOST_OPS: u64 = 1_000_000;

/// Items and raw bytes after which a page takes no further row. A row may bring two items (its receipt, and
/// that its record left), so a receiver takes twice as many.
pub const PAGE_ITEMS: usize = 2_000;
pub const PAGE_BYTES: usize = 1024 * 1024;

/// Raw bytes of rows after which a run that phones keep takes no further row.
pub const RUN_BYTES: usize = 64 * 1024;

/// Runs of a page: what its raw bytes come to in canonical form, some six times as many.
pub const RUNS: usize = 256;

/// Runs that go back in one request, and their bytes: some hundred thousand rows.
pub const HANDED_BACK: usize = 64;
pub const HANDED_BACK_BYTES: usize = MESSAGE_BYTES / 4;

/// zstd level. On 2,000 edits 3 → 12 saves a tenth of the bytes and 12 → 19 another thirtieth, for twice the
/// time (`gridpatrol-bench wire`, 2026-11).
pub const ZSTD_LEVEL: i32 = 12;
