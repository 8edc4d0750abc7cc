//! How text and bytes cross between this module and its host: blocks that the host asks for and gives back.
use std::alloc::{alloc, dealloc, Layout};

/// Blocks are bytes, so that what is given back needs no more than its size.
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
///
/// # Safety
/// The host wrote it there.
pub unsafe fn taken<'a>(address: *const u8, length: u32) -> &'a [u8] {
    if length == 0 {
        return &[];
    }
    std::slice::from_raw_parts(address, length as usize)
}

/// A result: the host copies it, and gives it back to `aegis_free`.
pub fn give(text: String) -> u64 {
    let bytes = Box::leak(text.into_bytes().into_boxed_slice());
    (bytes.as_ptr() as u64) << 32 | bytes.len() as u64
}
