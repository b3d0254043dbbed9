//! Exports of WordPress.
#![no_main]

use std::{
    cell::RefCell,
    fs::File,
    io::{Seek, Write},
};

use libfuzzer_sys::fuzz_target;
use newsstand::domain::import::wordpress::{Wanted, entries};
use newsstand_fuzz::check_entries;

thread_local! {
    /// A file that nobody else sees: exports are read twice.
    static EXPORT: RefCell<File> = RefCell::new(tempfile::tempfile().expect("a file"));
}

fuzz_target!(|data: &[u8]| {
    let export = EXPORT.with_borrow_mut(|file| -> std::io::Result<File> {
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(data)?;
        file.try_clone()
    });
    let wanted = Wanted { pages: true };
    match entries(export.expect("a file"), "site.xml", &wanted) {
        Ok(entries) => {
            check_entries(entries);
        }
        Err(cause) => assert!(cause.contains("site.xml"), "{cause}"),
    }
});
