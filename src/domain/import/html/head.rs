//! What a page says of itself in its head and in marked elements.

use scraper::{ElementRef, Html};

use crate::domain::import::html::linked::{collapsed, plain};

/// Meta elements, headings and such that are looked at.
const METAS_AT_MOST: usize = 1_000;
const MARKED_AT_MOST: usize = 50;
/// Characters of a line that says who wrote it.
const BYLINE_AT_MOST: usize = 100;
/// Characters of a heading or title; a little more than an article may have.
const TITLE_AT_MOST: usize = 1_000;

/// Classes of elements that name the author.
const BYLINES: [&str; 6] = [
    "byline",
    "p-author",
    "author-name",
    "byline-name",
    "post-author",
    "article-author",
];

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// Names in lower case, and contents.
    metas: Vec<(String, String)>,
    pub(super) canonical: Option<String>,
    pub(super) language: Option<String>,
    title: Option<String>,
    heading: Option<String>,
    heading_of_article: Option<String>,
    authors: [Vec<String>; 3],
    times: [Option<String>; 3],
}

impl Head {
    /// Looks over a page once.
    pub(super) fn read(document: &Html) -> Self {
        let mut head = Self::default();
        let root = document.root_element();
        head.language = root.attr("lang").map(str::trim).map(str::to_owned);
        for element in root.descendent_elements() {
            head.element(element);
        }
        head
    }

    /// The content of the first of these metas that says something.
    pub(super) fn meta(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.metas(name).next())
    }

    /// Each content of a meta.
    pub(super) fn metas<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        self.metas
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, content)| plain(content))
            .filter(|content| !content.is_empty())
    }

    /// The heading of the page, or what its title says before the name of the site.
    pub(super) fn title(&self) -> Option<String> {
        let site = self.meta(&["og:site_name", "application-name"]);
        let is_site = |text: &str| {
            site.as_ref()
                .is_some_and(|site| site.to_lowercase() == text.to_lowercase())
        };
        let named = self.meta(&["og:title", "twitter:title"]);
        if let Some(title) = named {
            return Some(without_site(&title, |site, _| is_site(site)));
        }
        let headings = [&self.heading_of_article, &self.heading];
        if let Some(heading) = headings
            .into_iter()
            .flatten()
            .find(|heading| !is_site(heading))
        {
            return Some(heading.clone());
        }
        let title = self.title.as_ref()?;
        Some(without_site(title, |name, rest| {
            // Without the site's name, what is short and last is taken to be it.
            let words = |text: &str| text.split_whitespace().count();
            is_site(name) || (site.is_none() && words(rest) >= 3 && words(name) <= 4)
        }))
    }

    /// Whom the page names as its authors.
    pub(super) fn authors(&self) -> Vec<String> {
        let is_name = |text: &String| !text.contains("://");
        let meta = ["author", "article:author", "parsely-author", "dc.creator"]
            .iter()
            .map(|name| self.metas(name).filter(is_name).collect::<Vec<_>>())
            .find(|names| !names.is_empty());
        let marked = || self.authors.iter().find(|names| !names.is_empty()).cloned();
        let lines = meta.or_else(marked).unwrap_or_default();
        lines.iter().flat_map(|line| people(line)).collect()
    }

    /// When it was published, as it is written.
    pub(super) fn dates(&self) -> impl Iterator<Item = String> {
        let metas = |names: &[&str]| {
            names
                .iter()
                .flat_map(|name| self.metas(name))
                .collect::<Vec<String>>()
        };
        let mut dates = metas(&[
            "article:published_time",
            "datepublished",
            "og:published_time",
        ]);
        dates.extend(self.times.iter().flatten().cloned());
        dates.extend(metas(&[
            "dc.date",
            "dc.date.issued",
            "dcterms.date",
            "dcterms.created",
            "dcterms.issued",
            "parsely-pub-date",
            "sailthru.date",
            "pubdate",
            "publish-date",
            "date",
        ]));
        dates.into_iter()
    }

    fn element(&mut self, element: ElementRef<'_>) {
        let value = element.value();
        match value.name() {
            "meta" => self.meta_element(element),
            "link" if self.canonical.is_none() && has_word(element, "rel", "canonical") => {
                self.canonical = element.attr("href").map(|href| href.trim().to_owned());
            }
            "title" if self.title.is_none() => self.title = line(element, "", TITLE_AT_MOST),
            "h1" if self.heading_of_article.is_none() => self.heading(element),
            "time" => self.time(element),
            _ => {}
        }
        self.byline(element);
    }

    fn meta_element(&mut self, element: ElementRef<'_>) {
        let content = element.attr("content").map(str::trim).unwrap_or_default();
        let name = ["property", "name", "itemprop"]
            .iter()
            .find_map(|name| element.attr(name));
        if let Some(name) = name
            && !content.is_empty()
            && self.metas.len() < METAS_AT_MOST
        {
            self.metas
                .push((name.trim().to_ascii_lowercase(), content.to_owned()));
        }
    }

    fn heading(&mut self, element: ElementRef<'_>) {
        let around = element.ancestors().filter_map(ElementRef::wrap);
        let mut names = around.map(|around| around.value().name());
        match names.any(|name| name == "article" || name == "main") {
            true => self.heading_of_article = line(element, "", TITLE_AT_MOST),
            false if self.heading.is_none() => self.heading = line(element, "", TITLE_AT_MOST),
            false => {}
        }
    }

    /// A time that says it is the date of publication, one of an entry, or any.
    fn time(&mut self, element: ElementRef<'_>) {
        let Some(date) = element.attr("datetime") else {
            return;
        };
        let is_of_entry = || {
            let mut classes = element.value().classes();
            classes.any(|class| matches!(class, "published" | "entry-date" | "dt-published"))
        };
        let rank = if has_word(element, "itemprop", "datePublished")
            || element.attr("pubdate").is_some()
        {
            0
        } else {
            2 - usize::from(is_of_entry())
        };
        if let Some(slot) = self.times.get_mut(rank) {
            slot.get_or_insert_with(|| date.trim().to_owned());
        }
    }

    fn byline(&mut self, element: ElementRef<'_>) {
        let classes = || {
            let mut classes = element.value().classes();
            classes.any(|class| BYLINES.contains(&class))
        };
        let rank = if element.value().name() == "meta" {
            return;
        } else if has_word(element, "itemprop", "author") {
            0
        } else if has_word(element, "rel", "author") {
            1
        } else if classes() {
            2
        } else {
            return;
        };
        let name = element
            .descendent_elements()
            .take(MARKED_AT_MOST)
            .find(|inner| rank == 0 && has_word(*inner, "itemprop", "name"));
        let text = name.map_or_else(
            || line(element, " ", BYLINE_AT_MOST),
            |inner| match inner.attr("content") {
                Some(content) => Some(collapsed(content)),
                None => line(inner, " ", BYLINE_AT_MOST),
            },
        );
        if let (Some(names), Some(text)) = (self.authors.get_mut(rank), text)
            // Of links and classes only the first: others name those who comment.
            && (names.is_empty() || rank == 0)
            && names.len() < MARKED_AT_MOST
            && !names.contains(&text)
        {
            names.push(text);
        }
    }
}

fn has_word(element: ElementRef<'_>, attribute: &str, word: &str) -> bool {
    let value = element.attr(attribute).unwrap_or_default();
    value
        .split_ascii_whitespace()
        .any(|one| one.eq_ignore_ascii_case(word))
}

/// The text of an element that is no longer than a line may be.
fn line(element: ElementRef<'_>, between: &str, most: usize) -> Option<String> {
    let mut text = String::new();
    for piece in element.text() {
        text.push_str(piece);
        text.push_str(between);
        // White space between tags is not counted, but must end too.
        if text.len() > 16 * most {
            return None;
        }
    }
    let text = collapsed(&text);
    (!text.is_empty() && text.chars().count() <= most).then_some(text)
}

/// The persons of a byline such as "By Ada Moe and Bo Ek".
fn people(line: &str) -> Vec<String> {
    let line = line.trim();
    let bare = match line.split_at_checked(3) {
        Some((by, rest)) if by.eq_ignore_ascii_case("by ") => rest,
        _ => line,
    };
    let parts: Vec<&str> = bare
        .split(" and ")
        .flat_map(|part| part.split(" & "))
        .collect();
    let by_commas = || parts.iter().flat_map(|part| part.split(',')).map(str::trim);
    // A comma may also stand before a first name.
    let are_whole = by_commas().all(|name| name.contains(' ') || name.is_empty());
    let names: Vec<String> = match are_whole {
        true => by_commas().map(str::to_owned).collect(),
        false => parts.iter().map(|part| part.trim().to_owned()).collect(),
    };
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// A title up to its last separator, where what follows is the site's name.
fn without_site(title: &str, is_site: impl Fn(&str, &str) -> bool) -> String {
    let separators = [" | ", " - ", " – ", " — ", " » ", " · ", " :: ", " • "];
    let last = separators
        .iter()
        .filter_map(|separator| title.rsplit_once(*separator))
        .min_by_key(|(_, name)| name.len());
    match last {
        Some((rest, name)) if is_site(name.trim(), rest) && !rest.trim().is_empty() => {
            rest.trim().to_owned()
        }
        _ => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byline_names_each_person() {
        assert_eq!(people("By Ada Moe and Bo Ek"), ["Ada Moe", "Bo Ek"]);
        assert_eq!(
            people("Ada Moe, Bo Ek & Cy Ng"),
            ["Ada Moe", "Bo Ek", "Cy Ng"]
        );
        assert_eq!(people("Moe, Ada"), ["Moe, Ada"]);
        assert_eq!(people("Byron"), ["Byron"]);
    }

    #[test]
    fn the_name_of_the_site_is_no_title() {
        let title = |page: &str| Head::read(&Html::parse_document(page)).title();
        let given = |page: &str, expected: &str| {
            assert_eq!(title(page).as_deref(), Some(expected), "{page}");
        };
        given(
            "<title>The long way home – The Herald</title>",
            "The long way home",
        );
        given("<title>Profit - Loss</title>", "Profit - Loss");
        given(
            "<meta property=og:site_name content=Herald><meta property=og:title content='A | Herald'>",
            "A",
        );
        given(
            "<meta property=og:site_name content=Herald><h1>Herald</h1><article><h1>News</h1></article>",
            "News",
        );
    }
}
