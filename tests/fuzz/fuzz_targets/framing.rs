//! What the line before the HTTP dispatcher reads: where a head ends, and a body in chunks.
#![no_main]

// They know nothing of the rest, and are private to it.
#[path = "../../../src/server/line/chunks.rs"]
mod chunks;
#[path = "../../../src/server/line/head.rs"]
mod head;

use chunks::{Chunks, Followed};
use head::Head;
use libfuzzer_sys::fuzz_target;

// A number of bytes that come at a time, and what comes.
fuzz_target!(|data: &[u8]| {
    let Some((pace, bytes)) = data.split_first() else {
        return;
    };
    let pace = usize::from(*pace).max(1);
    let mut whole = Head::default();
    let end = whole.take(bytes);
    let mut slow = Head::default();
    let mut came = 0;
    let mut end_of_slow = None;
    for piece in bytes.chunks(pace) {
        if let Some(end) = slow.take(piece) {
            end_of_slow = Some(came + end);
            break;
        }
        came += piece.len();
    }
    assert_eq!(end, end_of_slow, "it depends on how the head is cut");
    assert_eq!(whole.is_read(), slow.is_read());
    let Some(end) = end else {
        return;
    };
    assert_eq!(whole.is_chunked(), slow.is_chunked());
    let (head, body) = bytes.split_at(end);
    assert!(head.ends_with(b"\n"), "{head:?}");
    follow(body, pace);
});

fn follow(body: &[u8], pace: usize) {
    let mut whole = Chunks::new();
    let found = whole.follow(body);
    let mut slow = Chunks::new();
    let mut came = 0;
    let mut found_slowly = Followed::All;
    for piece in body.chunks(pace) {
        match slow.follow(piece) {
            Followed::All => came += piece.len(),
            Followed::End(end) => {
                found_slowly = Followed::End(came + end);
                break;
            }
            Followed::Bad(place) => {
                found_slowly = Followed::Bad(came + place);
                break;
            }
        }
    }
    assert_eq!(found, found_slowly, "it depends on how the body is cut");
    assert_eq!(whole.is_over(), matches!(found, Followed::End(_)));
    if let Followed::End(end) = found {
        let (inside, _) = body.split_at(end);
        assert!(inside.ends_with(b"\r\n"), "{inside:?}");
    }
}
