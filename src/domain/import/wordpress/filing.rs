//! What an item is filed under, and whom it is by.

use crate::{
    domain::import::{
        bounds,
        wordpress::{
            read::{Element, Field},
            survey::Survey,
            terms::is_uncategorized,
        },
    },
    model::{language::is_language, name::MAX_NAME},
};

/// Taxonomies of WordPress and its common plugins that say nothing to readers.
const SILENT: [&str; 8] = [
    "post_format",
    "author",
    "language",
    "post_translations",
    "nav_menu",
    "wp_theme",
    "post_status",
    "elementor_library_type",
];

fn terms(item: &Element) -> impl Iterator<Item = &Field> {
    item.fields.iter().filter(|field| field.name == "category")
}

fn of_domain<'a>(item: &'a Element, wanted: &'a [&'a str]) -> impl Iterator<Item = &'a Field> {
    terms(item).filter(move |term| {
        let domain = term.attribute("domain").unwrap_or_default();
        wanted.contains(&domain)
    })
}

/// The path of the category, and the tags.
pub(super) fn filed(
    item: &Element,
    survey: &Survey,
    notes: &mut Vec<String>,
) -> (Vec<String>, Vec<String>) {
    let mut filed: Vec<&Field> = of_domain(item, &["category"]).collect();
    if filed.is_empty() {
        // The oldest exports tell of no domain.
        filed.extend(terms(item).filter(|term| term.attribute("domain").is_none()));
    }
    filed.retain(|term| !is_uncategorized(nicename(term), term.text.trim()));
    let primary = primary(item, survey);
    let place = filed
        .iter()
        .position(|term| primary.is_some_and(|wanted| nicename(term) == wanted));
    let mut category = Vec::new();
    if !filed.is_empty() {
        category = path(filed.remove(place.unwrap_or_default()), survey);
    }
    let mut others = Vec::new();
    for term in filed {
        let path = path(term, survey);
        // What stands above the category is said with it.
        if !category.starts_with(&path) {
            others.extend(path.last().cloned());
        }
    }
    let tags = of_domain(item, &["post_tag", "tag"]).map(|term| bounds::plain(&term.text));
    let tags: Vec<String> = tags.collect();
    note_others(item, notes);
    let tags = bounds::names(tags.into_iter().chain(others), "tags", notes);
    (category, tags)
}

fn nicename(term: &Field) -> &str {
    term.attribute("nicename").unwrap_or_default()
}

/// The nicename of the category that a plugin puts first.
fn primary<'a>(item: &Element, survey: &'a Survey) -> Option<&'a str> {
    let id = item
        .meta("_yoast_wpseo_primary_category")
        .or_else(|| item.meta("rank_math_primary_category"))?;
    survey.categories.nicename(id.parse().ok()?)
}

fn path(term: &Field, survey: &Survey) -> Vec<String> {
    survey
        .categories
        .path(nicename(term))
        .unwrap_or_else(|| vec![bounds::plain(&term.text)])
        .into_iter()
        .filter(|name| !name.is_empty() && name.chars().count() <= MAX_NAME)
        .collect()
}

fn note_others(item: &Element, notes: &mut Vec<String>) {
    let mut told: Vec<&str> = Vec::new();
    for term in terms(item) {
        let domain = term.attribute("domain").unwrap_or("category");
        let is_known = matches!(domain, "category" | "post_tag" | "tag")
            || SILENT.contains(&domain)
            || told.contains(&domain);
        if !is_known && told.len() < 10 {
            told.push(domain);
            let domain: String = domain.chars().take(40).collect();
            notes.push(format!(
                "what it is filed under as \"{domain}\" was left out"
            ));
        }
    }
}

/// Names of those whom it is by, in order.
pub(super) fn authors(item: &Element, survey: &Survey, notes: &mut Vec<String>) -> Vec<String> {
    let of_term = |term: &Field| {
        let nicename = nicename(term);
        let login = nicename.strip_prefix("cap-").unwrap_or(nicename);
        let known = survey.author(login);
        let known = known.or_else(|| survey.author(nicename));
        let known = known.or_else(|| survey.author(term.text.trim()));
        known.map_or_else(|| bounds::plain(&term.text), str::to_owned)
    };
    let together: Vec<String> = of_domain(item, &["author"]).map(of_term).collect();
    if !together.is_empty() {
        return bounds::names(together, "authors", notes);
    }
    let creator = item.get("dc:creator").map(|login| {
        let known = survey.author(login);
        known.map_or_else(|| bounds::plain(login), str::to_owned)
    });
    bounds::names(creator, "authors", notes)
}

/// The language that a plugin keeps with it.
pub(super) fn language(item: &Element) -> Option<String> {
    let term = of_domain(item, &["language"]).next()?;
    let tag = nicename(term);
    is_language(tag).then(|| tag.to_owned())
}
