//! Bodies as Portable Text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::{
    domain::body::{self, BodySource},
    model::block::Block,
};
use newsstand_fuzz::{check_body, check_read_body};

fuzz_target!(|data: &[u8]| {
    let Ok(sent) = serde_json::from_slice::<Vec<Block>>(data) else {
        return;
    };
    let Ok(stored) = body::blocks(&BodySource::Blocks(sent)) else {
        return;
    };
    check_body(&stored);
    // Blocks may have what markup has no form for; read from it, they have no more.
    let shown = body::html(&stored);
    check_read_body(&body::blocks(&BodySource::Html(shown)).unwrap_or_default());
});
