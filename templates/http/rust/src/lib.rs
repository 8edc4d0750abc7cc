mod content;

use content::{give, taken};

/// The path as JSON has it, without its quotes: it is put into JSON again. A parser of JSON would be a package.
fn path_of(request: &str) -> &str {
    let Some((_, rest)) = request.split_once("\"path\":\"") else { return "/" };
    let mut escaped = false;
    for (at, character) in rest.char_indices() {
        if character == '"' && !escaped {
            return &rest[..at];
        }
        escaped = character == '\\' && !escaped;
    }
    "/"
}

/// # Safety
/// The host wrote the request there.
#[no_mangle]
pub unsafe extern "C" fn handle(address: *const u8, length: u32) -> u64 {
    let request = String::from_utf8_lossy(taken(address, length));
    let head = r#"{"status":200,"headers":[["content-type","text/plain; charset=utf-8"]],"body":"Hello from {{name}}: "#;
    give([head, path_of(&request), r#"\n"}"#].concat())
}
