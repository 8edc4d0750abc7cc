const std = @import("std");
const content = @import("content.zig");

comptime {
    _ = content; // for its exports
}

const head =
    \\{"status":200,"headers":[["content-type","text/plain; charset=utf-8"]],"body":"Hello from {{name}}: 
;

/// The path as JSON has it, without its quotes: it is put into JSON again.
fn pathOf(request: []const u8) []const u8 {
    const key = "\"path\":\"";
    const start = (std.mem.indexOf(u8, request, key) orelse return "/") + key.len;
    var end = start;
    while (end < request.len and request[end] != '"') : (end += 1) {
        if (request[end] == '\\') end += 1;
    }
    return request[start..@min(end, request.len)];
}

export fn handle(address: [*]const u8, length: u32) u64 {
    return content.give(&.{ head, pathOf(address[0..length]), "\\n\"}" });
}
