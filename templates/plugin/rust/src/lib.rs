mod content;

use content::{give, taken};

/// # Safety
/// The host wrote the name there.
#[no_mangle]
pub unsafe extern "C" fn greet(address: *const u8, length: u32) -> u64 {
    let name = String::from_utf8_lossy(taken(address, length));
    give(["Hello, ", &name, "!"].concat())
}
