//! Articles as JSON: kept within all bounds, or refused with a pointer to each mistake.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newsstand::domain::import::{Defaults, article_input, author_input, category_input, tag_input};
use newsstand_fuzz::{check_article, check_problems};
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(sent) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    match article_input(&sent, Defaults::default()) {
        Ok(article) => check_article(&article),
        Err(problems) => check_problems(&problems, &sent),
    }
    let names = [
        author_input(&sent).err(),
        category_input(&sent).err(),
        tag_input(&sent).err(),
    ];
    for problems in names.iter().flatten() {
        check_problems(problems, &sent);
    }
});
