//! Text, bytes and JSON in Rust, with nothing but the standard library.
use std::alloc::{alloc, dealloc, Layout};

/// How the exports are meant, a line each.
#[used]
#[link_section = "aegis:signatures"]
static SIGNATURES: [u8; 76] =
    *b"greet(string) -> string\nreverse(bytes) -> bytes\ncount_words(string) -> json\n";

/// Blocks are bytes, so that what is freed needs no more than its size.
fn layout(size: u32) -> Option<Layout> {
    Layout::from_size_align(size as usize, 1).ok()
}

#[no_mangle]
pub extern "C" fn aegis_alloc(size: u32) -> *mut u8 {
    match layout(size) {
        Some(layout) if size > 0 => unsafe { alloc(layout) },
        Some(_) => std::ptr::dangling_mut(),
        None => std::ptr::null_mut(),
    }
}

/// # Safety
/// The block came from `aegis_alloc`, or from `give`, and is that large.
#[no_mangle]
pub unsafe extern "C" fn aegis_free(address: *mut u8, size: u32) {
    if let Some(layout) = layout(size).filter(|_| size > 0) {
        dealloc(address, layout);
    }
}

/// An argument, for as long as the call lasts.
unsafe fn taken<'a>(address: *const u8, length: u32) -> &'a [u8] {
    if length == 0 {
        return &[];
    }
    std::slice::from_raw_parts(address, length as usize)
}

/// A result: the host copies it, and gives it back to `aegis_free`.
fn give(bytes: Vec<u8>) -> u64 {
    let bytes = Box::leak(bytes.into_boxed_slice());
    (bytes.as_ptr() as u64) << 32 | bytes.len() as u64
}

#[no_mangle]
pub unsafe extern "C" fn greet(address: *const u8, length: u32) -> u64 {
    let name = String::from_utf8_lossy(taken(address, length));
    give(["Hello, ", &name, "!"].concat().into_bytes())
}

#[no_mangle]
pub unsafe extern "C" fn reverse(address: *const u8, length: u32) -> u64 {
    give(taken(address, length).iter().rev().copied().collect())
}

#[no_mangle]
pub unsafe extern "C" fn count_words(address: *const u8, length: u32) -> u64 {
    let text = String::from_utf8_lossy(taken(address, length));
    let (words, letters) = (text.split_whitespace().count(), text.chars().count());
    give(format!("{{\"words\":{words},\"letters\":{letters}}}").into_bytes())
}
