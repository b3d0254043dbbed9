//! The structured data of an article's page, against the rules of schema.org and of the search
//! engines that read it.

use newsstand::model::time::UtcTime;
use rstest::rstest;
use serde_json::{Value, json};

use super::{SITE, start, whole};
use crate::support::{Kind, Postgres, Sqlite, content::article};

type Rule = fn(&Value) -> bool;

/// Every property that may be there, whether it must be, and what it may hold.
const RULES: [(&str, bool, Rule); 18] = [
    ("@context", true, |value| *value == "https://schema.org"),
    ("@type", true, |value| *value == "NewsArticle"),
    ("headline", true, is_text),
    ("description", false, is_text),
    ("image", false, |value| all(value, is_url)),
    ("datePublished", true, is_date),
    ("dateModified", true, is_date),
    ("author", true, |value| all(value, is_author)),
    ("publisher", true, is_organization),
    ("mainEntityOfPage", true, |value| {
        value["@type"] == "WebPage" && is_url(&value["@id"])
    }),
    ("url", true, is_url),
    ("inLanguage", true, is_text),
    ("articleSection", false, is_text),
    ("keywords", false, |value| all(value, is_text)),
    ("wordCount", true, Value::is_u64),
    ("timeRequired", false, |value| {
        let minutes = value
            .as_str()
            .and_then(|text| text.strip_prefix("PT")?.strip_suffix('M'));
        minutes.is_some_and(|minutes| minutes.parse::<u32>().is_ok())
    }),
    ("isAccessibleForFree", true, |value| *value == true),
    ("thumbnailUrl", false, is_url),
];

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn is_url(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.starts_with("https://") && url::Url::parse(text).is_ok())
}

fn is_date(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| UtcTime::parse(text).is_some())
}

fn is_author(value: &Value) -> bool {
    let is_person = value["@type"] == "Person";
    (is_person || value["@type"] == "Organization")
        && is_text(&value["name"])
        && is_url(&value["url"])
}

fn is_organization(value: &Value) -> bool {
    let logo = &value["logo"];
    value["@type"] == "Organization"
        && is_text(&value["name"])
        && is_url(&value["url"])
        && (logo.is_null() || (logo["@type"] == "ImageObject" && is_url(&logo["url"])))
}

fn all(value: &Value, rule: Rule) -> bool {
    value
        .as_array()
        .is_some_and(|items| !items.is_empty() && items.iter().all(rule))
}

fn check(data: &Value) {
    let members = data.as_object().unwrap();
    for (name, value) in members {
        let rule = RULES.iter().find(|(known, ..)| known == name);
        let (.., rule) =
            rule.unwrap_or_else(|| panic!("{name} is no property of a NewsArticle here"));
        assert!(rule(value), "{name}: {value}");
    }
    for (name, must, _) in RULES {
        assert!(!must || members.contains_key(name), "{name} is missing");
    }
}

#[rstest]
fn structured_data_holds_to_the_rules(#[values(Sqlite, Postgres)] kind: Kind) {
    let mut rich = whole("boats", 3);
    rich["reading_minutes"] = json!(4);
    let app = start(kind, &[rich, article("plain", 1)]);
    for slug in ["boats", "plain"] {
        let share = app.get(&format!("/v1/articles/{slug}/share")).ok().json();
        let page = app
            .get(&format!("/v1/articles/{slug}?include=seo"))
            .ok()
            .json();
        assert_eq!(share["json_ld"], page["seo"]["json_ld"]);
        check(&share["json_ld"]);
    }
    let data = app.get("/v1/articles/boats/share").ok().json()["json_ld"].clone();
    assert_eq!(
        data["publisher"]["logo"]["url"],
        "https://images.example.com/logo.png"
    );
    assert_eq!(data["author"][1]["url"], format!("{SITE}/authors/bo-ek"));
    assert_eq!(data["timeRequired"], "PT4M");
    assert_eq!(data["keywords"], json!(["Sea", "Ferries"]));
    assert_eq!(
        data["mainEntityOfPage"]["@id"],
        format!("{SITE}/articles/boats")
    );
}
