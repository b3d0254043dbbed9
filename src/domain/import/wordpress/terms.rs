//! Categories and tags of an export.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use crate::{
    domain::import::{Entry, ImportedName, Place, Refusal, bounds, wordpress::read::Element},
    model::{category::MAX_DEPTH, kind::Kind, name::MAX_DESCRIPTION, slug::is_slug},
};

/// Levels that are walked up; a tree that is deeper is cut.
const MAX_WALK: usize = 64;

/// A category or tag as it stands in an export.
#[derive(Debug, Clone, Default)]
pub(super) struct Term {
    /// Which kind it is there.
    pub(super) taxonomy: String,
    /// Its number there.
    pub(super) id: Option<u64>,
    /// What others refer to it by.
    pub(super) nicename: String,
    /// The same, if it may be a slug here.
    pub(super) slug: Option<String>,
    /// As readers see it.
    pub(super) name: String,
    /// A line about it.
    pub(super) description: Option<String>,
    pub(super) parent: String,
}

impl Term {
    /// Reads `wp:category`, `wp:tag` or `wp:term`.
    pub(super) fn read(element: &Element) -> Self {
        let first = |names: &[&str]| {
            let mut found = names.iter().filter_map(|name| element.get(name));
            found.next().unwrap_or_default().to_owned()
        };
        let is_tag = element.get("wp:tag_slug").is_some() || element.get("wp:tag_name").is_some();
        let taxonomy = match (element.get("wp:term_taxonomy"), is_tag) {
            (Some("tag") | None, true) => "post_tag",
            (Some(taxonomy), _) => taxonomy,
            (None, false) => "category",
        };
        let nicename = first(&["wp:category_nicename", "wp:tag_slug", "wp:term_slug"]);
        let name = first(&["wp:cat_name", "wp:tag_name", "wp:term_name"]);
        let described = [
            "wp:category_description",
            "wp:tag_description",
            "wp:term_description",
        ];
        let description: String = bounds::plain(&first(&described))
            .chars()
            .take(MAX_DESCRIPTION)
            .collect();
        let decoded = percent_decode_str(&nicename).decode_utf8_lossy();
        Self {
            taxonomy: taxonomy.to_owned(),
            id: element.get("wp:term_id").and_then(|id| id.parse().ok()),
            slug: is_slug(&decoded).then(|| decoded.into_owned()),
            name: bounds::plain(match name.is_empty() {
                true => &nicename,
                false => &name,
            }),
            description: (!description.is_empty()).then_some(description),
            parent: first(&["wp:category_parent", "wp:term_parent"]),
            nicename,
        }
    }

    /// Whether it is where WordPress puts what has no category.
    pub(super) fn is_uncategorized(&self) -> bool {
        is_uncategorized(&self.nicename, &self.name)
    }
}

/// Whether it is where WordPress puts what has no category.
pub(super) fn is_uncategorized(nicename: &str, name: &str) -> bool {
    nicename == "uncategorized" || name.eq_ignore_ascii_case("uncategorized")
}

/// The tree of categories.
#[derive(Debug, Default)]
pub(super) struct Categories {
    terms: Vec<Term>,
    by_nicename: HashMap<String, usize>,
    by_id: HashMap<u64, usize>,
}

impl Categories {
    /// Adds one, unless it is there.
    pub(super) fn add(&mut self, term: Term) {
        if term.name.is_empty() || self.by_nicename.contains_key(&term.nicename) {
            return;
        }
        let index = self.terms.len();
        self.by_nicename.insert(term.nicename.clone(), index);
        if let Some(id) = term.id {
            self.by_id.insert(id, index);
        }
        self.terms.push(term);
    }

    /// The nicename of the category with a number.
    pub(super) fn nicename(&self, id: u64) -> Option<&str> {
        let term = self.terms.get(*self.by_id.get(&id)?)?;
        Some(&term.nicename)
    }

    /// Names from the root of the tree down to a category, at most as many as there may be.
    pub(super) fn path(&self, nicename: &str) -> Option<Vec<String>> {
        let mut path = self.full_path(nicename)?;
        path.truncate(MAX_DEPTH);
        Some(path)
    }

    /// Stops where a category would be above itself.
    fn full_path(&self, nicename: &str) -> Option<Vec<String>> {
        let mut walked = vec![*self.by_nicename.get(nicename)?];
        let mut path = Vec::new();
        while let Some(term) = walked.last().and_then(|index| self.terms.get(*index)) {
            path.push(term.name.clone());
            match self.by_nicename.get(&term.parent) {
                Some(above) if !walked.contains(above) && walked.len() < MAX_WALK => {
                    walked.push(*above);
                }
                _ => break,
            }
        }
        path.reverse();
        Some(path)
    }

    /// Each, those above before those below.
    pub(super) fn entries(&self, file: &str) -> Vec<Entry> {
        let mut placed: Vec<(Vec<String>, &Term)> = self
            .terms
            .iter()
            .filter_map(|term| Some((self.full_path(&term.nicename)?, term)))
            .collect();
        placed.sort_by_key(|(path, _)| path.len());
        let entry = |(mut path, term): (Vec<String>, &Term)| {
            let place = Place::whole(file);
            if path.len() > MAX_DEPTH {
                let reason = format!(
                    "the category \"{}\" lies more than {MAX_DEPTH} levels deep; its articles \
                     stand in the one at level {MAX_DEPTH} above it",
                    term.name
                );
                return Entry::LeftOut(Refusal { place, reason });
            }
            path.pop();
            let name = Box::new(ImportedName {
                kind: Kind::Category,
                slug: term.slug.clone(),
                name: term.name.clone(),
                description: term.description.clone(),
                avatar: None,
                parents: path,
            });
            Entry::Name { name, place }
        };
        placed.into_iter().map(entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(terms: &[(&str, &str)]) -> Categories {
        let mut tree = Categories::default();
        for (name, parent) in terms {
            tree.add(Term {
                nicename: (*name).to_owned(),
                name: (*name).to_uppercase(),
                parent: (*parent).to_owned(),
                ..Term::default()
            });
        }
        tree
    }

    #[test]
    fn a_path_leads_from_the_root_down() {
        let tree = tree(&[("c", "b"), ("b", "a"), ("a", "")]);
        assert_eq!(tree.path("c").unwrap(), ["A", "B", "C"]);
        assert_eq!(tree.path("x"), None);
        let order: Vec<String> = tree
            .entries("f")
            .into_iter()
            .map(|entry| match entry {
                Entry::Name { name, .. } => name.name,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(order, ["A", "B", "C"]);
    }

    #[test]
    fn a_circle_ends_and_depth_is_bounded() {
        assert_eq!(
            tree(&[("a", "b"), ("b", "a")]).path("a").unwrap(),
            ["B", "A"]
        );
        let names: Vec<String> = (0..12).map(|n| format!("n{n}")).collect();
        let mut above = "";
        let mut terms = Vec::new();
        for name in &names {
            terms.push((name.as_str(), above));
            above = name;
        }
        let deep = tree(&terms);
        assert_eq!(deep.path("n11").unwrap().len(), MAX_DEPTH);
        let left = deep.entries("f");
        let left = left
            .iter()
            .filter(|entry| matches!(entry, Entry::LeftOut(_)));
        assert_eq!(left.count(), 12 - MAX_DEPTH);
    }
}
