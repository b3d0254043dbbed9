//! What the index has as bytes: a damaged database gives nothing, or something that is whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::ranking::{
    forward::{Encoded, Forward},
    model::Model,
    postings::{Block, entries, postings},
    vector::Vector,
};

// A digit says which.
fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    match kind % 4 {
        0 => {
            let read = Forward::decode(bytes);
            assert_eq!(read.is_some(), Encoded::of(bytes).is_some());
            if let Some(read) = read {
                assert_eq!(Forward::decode(&read.encode()), Some(read));
            }
        }
        1 => {
            if let Some(read) = Vector::decode(bytes) {
                assert_eq!(Vector::decode(&read.encode()), Some(read));
            }
        }
        2 => {
            if let Some(read) = Model::decode(bytes) {
                let written = read.encode();
                let again = Model::decode(&written).expect("a model");
                assert_eq!(again.encode(), written);
            }
        }
        _ => check_block(bytes),
    }
});

fn check_block(bytes: &[u8]) {
    let (docs, places) = bytes.split_at(bytes.len() / 2);
    let block = Block {
        first_pk: 7,
        docs: docs.to_vec(),
        places: places.to_vec(),
    };
    let mut found = Vec::new();
    entries(block.first_pk, docs, &mut found);
    assert!(found.is_sorted_by(|one, other| one.pk < other.pk));
    let whole = postings(&block);
    assert_eq!(whole.len(), found.len());
    for (posting, entry) in whole.iter().zip(&found) {
        assert_eq!((posting.pk, posting.weight), (entry.pk, entry.weight));
    }
}
