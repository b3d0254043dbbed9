//! Articles for tests.

use serde_json::{Value, json};

/// An article with a title, and a date so many days after the first of January 2026.
pub fn article(slug: &str, day: i64) -> Value {
    json!({
        "external_id": format!("test-{slug}"),
        "slug": slug,
        "title": format!("Title of {slug}"),
        "summary": format!("Summary of {slug}."),
        "published_at": date(day),
        "body": {"text": format!("First paragraph of {slug}.\n\nSecond paragraph of {slug}.")},
    })
}

/// Midnight so many days after the first of January 2026.
pub fn date(day: i64) -> String {
    let first = newsstand::model::time::UtcTime::parse("2026-01-01").expect("a date");
    let time = newsstand::model::time::UtcTime::from_millis(first.millis() + day * 86_400_000);
    time.expect("a time").to_string()
}

/// The article with other members.
pub fn with(mut article: Value, members: Value) -> Value {
    let (Value::Object(article_members), Value::Object(members)) = (&mut article, members) else {
        panic!("objects");
    };
    article_members.extend(members);
    article
}

/// Forty articles over categories, tags, authors, languages and dates, many dates equal.
pub fn forty() -> Vec<Value> {
    let categories = [
        vec!["World"],
        vec!["World", "Europe"],
        vec!["World", "Europe", "Nordic"],
        vec!["Sport"],
    ];
    let tags = ["Élections", "Climate", "Football", "Trade"];
    let authors = ["Ada Moe", "Bo Ek", "Cy Oh"];
    (0..40_usize)
        .map(|number| {
            let members = json!({
                "category": categories[number % 4],
                "tags": [tags[number % 4], tags[(number / 2) % 4]],
                "authors": [authors[number % 3]],
                "language": if number % 5 == 0 { "nb" } else { "en" },
                "featured": number % 10 == 0,
                "title": format!("{} story about the harbour {}", ["Alpha", "beta", "Émile"][number % 3], number / 6),
            });
            with(article(&format!("a{number}"), (number / 4) as i64), members)
        })
        .collect()
}
