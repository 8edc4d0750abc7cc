//! How text crosses between this module and its host: blocks that the host asks for and gives back.
const std = @import("std");
const allocator = std.heap.wasm_allocator;

export fn aegis_alloc(size: u32) ?[*]u8 {
    const block = allocator.alloc(u8, size) catch return null;
    return block.ptr;
}

export fn aegis_free(address: [*]u8, size: u32) void {
    allocator.free(address[0..size]);
}

/// A result of all parts: the host copies it, and gives it back.
pub fn give(parts: []const []const u8) u64 {
    const text = std.mem.concat(allocator, u8, parts) catch @trap();
    return @as(u64, @intFromPtr(text.ptr)) << 32 | text.len;
}
