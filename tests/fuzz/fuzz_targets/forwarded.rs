//! What proxies say of who asked them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::http::fuzzing::clients;

/// What a client may say of itself, before any proxy has said a thing.
const SAID: [&[u8]; 4] = [b"192.0.2.9", b"for=192.0.2.9", b"10.0.0.1, 192.0.2.9", b"for=\"[::1"];

// A field in each line.
fuzz_target!(|data: &[u8]| {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let found = clients(&lines);
    assert_eq!(found, clients(&lines), "it depends on chance");
    for said in SAID {
        let with: Vec<&[u8]> = [said].into_iter().chain(lines.iter().copied()).collect();
        for (before, after) in found.iter().zip(clients(&with)) {
            // Nobody else than the one whom our nearest proxy names can be made of it.
            assert!(!before.1 || *before == after, "{before:?} {after:?}");
        }
    }
});
