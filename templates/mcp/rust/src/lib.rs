mod content;

use content::{give, taken};

/// # Safety
/// The host wrote the name there.
#[no_mangle]
pub unsafe extern "C" fn greet(address: *const u8, length: u32) -> u64 {
    let name = String::from_utf8_lossy(taken(address, length));
    give(["Hello, ", &name, "!"].concat())
}

#[no_mangle]
pub extern "C" fn add(first: f64, second: f64) -> f64 {
    first + second
}
