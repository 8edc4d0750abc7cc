const content = @import("content.zig");

comptime {
    _ = content; // for its exports
}

export fn greet(address: [*]const u8, length: u32) u64 {
    return content.give(&.{ "Hello, ", address[0..length], "!" });
}

export fn add(first: f64, second: f64) f64 {
    return first + second;
}
