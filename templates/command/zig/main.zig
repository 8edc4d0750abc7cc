//! A program of WASI, by its functions: they are the same for every version of Zig.
const Part = extern struct { at: [*]const u8, length: u32 };

extern "wasi_snapshot_preview1" fn fd_write(file: u32, parts: [*]const Part, count: u32, written: *u32) u16;
extern "wasi_snapshot_preview1" fn args_sizes_get(count: *u32, size: *u32) u16;
extern "wasi_snapshot_preview1" fn args_get(words: [*][*:0]const u8, texts: [*]u8) u16;

const most = 4096;
var words: [64][*:0]const u8 = undefined;
var texts: [most]u8 = undefined;

/// The first word behind the program's name.
fn name() []const u8 {
    var count: u32 = 0;
    var size: u32 = 0;
    if (args_sizes_get(&count, &size) != 0 or count < 2 or count > words.len or size > most) return "World";
    if (args_get(&words, &texts) != 0) return "World";
    var length: usize = 0;
    while (words[1][length] != 0) length += 1;
    return words[1][0..length];
}

fn part(text: []const u8) Part {
    return .{ .at = text.ptr, .length = @intCast(text.len) };
}

pub fn main() void {
    const parts = [_]Part{ part("Hello, "), part(name()), part("!\n") };
    var written: u32 = 0;
    _ = fd_write(1, &parts, parts.len, &written);
}
