//! What the fields of front matter say of an article, under the names that themes give them.

use serde_json::{Map, Value};

use crate::{
    domain::{
        body,
        import::{bounds, dates},
    },
    model::{
        article::{Image, Status},
        language::is_language,
        time::UtcTime,
    },
};

/// Former addresses of one file.
const PATHS_AT_MOST: usize = 50;
/// Characters of a text about a picture.
const LINE_AT_MOST: usize = 2_000;

/// Tables whose fields count as if they stood beside them.
const TABLES: [&str; 3] = ["params", "extra", "taxonomies"];
const DATES: [&str; 8] = [
    "date",
    "pubdate",
    "pubdatetime",
    "publishdate",
    "publish_date",
    "published_at",
    "published",
    "publisheddate",
];
const PICTURES: [&str; 9] = [
    "image",
    "cover",
    "heroimage",
    "hero_image",
    "featured_image",
    "featuredimage",
    "feature_image",
    "thumbnail",
    "images",
];

/// The fields of a file by their names in lower case.
pub(super) struct Fields(Map<String, Value>);

/// When an article is visible.
pub(super) struct Dates {
    pub(super) published: Option<UtcTime>,
    pub(super) expires: Option<UtcTime>,
}

impl Fields {
    pub(super) fn new(front: Map<String, Value>) -> Self {
        let mut fields = Map::new();
        let mut within = Vec::new();
        for (name, value) in front {
            let name = name.to_lowercase();
            match value {
                Value::Null => {}
                Value::Object(table) if TABLES.contains(&name.as_str()) => within.push(table),
                value => {
                    fields.entry(name).or_insert(value);
                }
            }
        }
        for (name, value) in within.into_iter().flatten() {
            if !value.is_null() {
                fields.entry(name.to_lowercase()).or_insert(value);
            }
        }
        Self(fields)
    }

    fn get(&self, names: &[&str]) -> impl Iterator<Item = &Value> {
        names.iter().filter_map(move |name| self.0.get(*name))
    }

    /// The first field that is a text or number.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        self.get(names).find_map(text)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.0.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(word) => match word.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => Some(true),
                "false" | "no" | "off" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether not everyone may read it; also where a field that says so can't be understood,
    /// which is noted.
    pub(super) fn is_draft(&self, notes: &mut Vec<String>) -> bool {
        let is_set = |name: &str| self.0.get(name).is_some();
        if self.flag("draft") == Some(true) || self.flag("published") == Some(false) {
            return true;
        }
        let status = self
            .text(&["status"])
            .map(|word| word.trim().to_lowercase());
        if status.as_deref() == Some(Status::Draft.as_str()) {
            return true;
        }
        let is_public = |word: &str| matches!(word, "published" | "publish" | "public");
        let visibility = self
            .text(&["visibility"])
            .map(|word| word.trim().to_lowercase());
        let is_number = matches!(self.0.get("published"), Some(Value::Number(_)));
        let hidden = [
            "private", "hidden", "unlisted", "isdraft", "is_draft", "headless",
        ];
        let doubtful = [
            (is_set("draft") && self.flag("draft").is_none()).then_some("draft"),
            is_number.then_some("published"),
            status
                .is_some_and(|word| !is_public(&word))
                .then_some("status"),
            visibility
                .is_some_and(|word| !is_public(&word))
                .then_some("visibility"),
            is_set("password").then_some("password"),
            is_set("_build").then_some("_build"),
            hidden
                .into_iter()
                .find(|name| is_set(name) && self.flag(name) != Some(false)),
        ];
        let name = doubtful.into_iter().flatten().next();
        notes.extend(name.map(|name| format!("is a draft here: it has the field {name}")));
        name.is_some()
    }

    pub(super) fn slug(&self) -> Option<String> {
        let slug = self.text(&["slug"])?;
        // A slug of several parts is a path.
        bounds::slug(slug.trim_matches('/').rsplit('/').next()?)
    }

    /// The paths under which it was read.
    pub(super) fn former_paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        let names = ["url", "permalink", "aliases", "redirect_from"];
        for address in self.get(&names).flat_map(list).filter_map(line) {
            // `/:year/:title/` is a pattern.
            let is_pattern = address.contains("/:");
            if let Some(path) = bounds::path(&address).filter(|_| !is_pattern)
                && !paths.contains(&path)
                && paths.len() < PATHS_AT_MOST
            {
                paths.push(path);
            }
        }
        paths
    }

    /// The date of its name stands for one that is not given.
    pub(super) fn dates(&self, of_name: Option<UtcTime>, notes: &mut Vec<String>) -> Dates {
        let mut read = |names: &[&str]| {
            let mut found = Vec::new();
            for value in self.get(names).filter_map(text) {
                match dates::parse(&value) {
                    Some(time) => found.push(time),
                    None if is_flag(&value) => {}
                    None => {
                        let value: String = value.chars().take(64).collect();
                        notes.push(format!("the date \"{value}\" was not understood"));
                    }
                }
            }
            found
        };
        let given = read(&DATES);
        let now = UtcTime::now();
        // Whichever lets it wait longest is when it comes out.
        let later = given.iter().copied().filter(|time| *time > now).max();
        Dates {
            published: later.or_else(|| given.first().copied()).or(of_name),
            expires: read(&["expirydate", "expiry_date", "unpublishdate"])
                .first()
                .copied(),
        }
    }

    /// The category, and as tags everything else that it is filed under.
    pub(super) fn names(&self, notes: &mut Vec<String>) -> (Vec<String>, Vec<String>) {
        let mut categories = self.each("category", whole);
        categories.extend(self.each("categories", parted));
        let mut categories = bounds::names(categories, "categories", notes).into_iter();
        let category: Vec<String> = categories.next().into_iter().collect();
        let mut tags = self.each("tags", parted);
        tags.extend(self.each("tag", whole));
        tags.extend(categories);
        tags.extend(self.each("keywords", by_commas));
        (category, bounds::names(tags, "tags", notes))
    }

    /// The names of a list, or those that one text holds.
    fn each(&self, name: &str, part: fn(&str) -> Vec<String>) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(named).collect(),
            Some(value) => named(value).map(|text| part(&text)).unwrap_or_default(),
            None => Vec::new(),
        }
    }

    pub(super) fn authors(&self) -> Vec<String> {
        let all = self.get(&["authors", "author"]).flat_map(list);
        all.filter_map(named).collect()
    }

    pub(super) fn language(&self) -> Option<String> {
        let tag = self.text(&["lang", "language", "locale"])?;
        Some(tag.replace('_', "-")).filter(|tag| is_language(tag))
    }

    pub(super) fn canonical(&self) -> Option<String> {
        let address = self.text(&["canonical", "canonicalurl", "canonical_url"])?;
        let is_kept = address.len() <= LINE_AT_MOST && body::is_web_address(&address);
        is_kept.then_some(address)
    }

    pub(super) fn image(&self, notes: &mut Vec<String>) -> Option<Image> {
        let mut relative = None;
        for value in self.get(&PICTURES).filter_map(|value| list(value).next()) {
            let member = |names: &[&str]| names.iter().find_map(|name| line(value.get(*name)?));
            let address = line(value).or_else(|| member(&["url", "src", "image", "path"]));
            let Some(address) = address else { continue };
            match bounds::picture(&address) {
                Some(image) => {
                    let beside = ["image_alt", "imagealt", "heroimagealt", "cover_alt"];
                    return Some(Image {
                        alt: member(&["alt"]).or_else(|| self.get(&beside).find_map(line)),
                        caption: member(&["caption"]),
                        credit: member(&["credit"]),
                        ..image
                    });
                }
                None => relative = relative.or(Some(address)),
            }
        }
        if let Some(address) = relative {
            let address: String = address.chars().take(200).collect();
            notes.push(format!(
                "the image {address} was left out: it has no address on the web"
            ));
        }
        None
    }
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.replace('\0', "").trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A text about a picture, unless it is too long.
fn line(value: &Value) -> Option<String> {
    let text = value.as_str()?.replace('\0', "").trim().to_owned();
    (!text.is_empty() && text.chars().count() <= LINE_AT_MOST).then_some(text)
}

/// The values of a list, or a value itself.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(values) => values.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

/// A name by itself, or in an object.
fn named(value: &Value) -> Option<String> {
    let members = ["name", "title", "label", "slug"];
    let inner = || members.iter().find_map(|name| text(value.get(*name)?));
    text(value).or_else(inner)
}

fn whole(text: &str) -> Vec<String> {
    vec![text.to_owned()]
}

fn by_commas(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).collect()
}

/// Jekyll parts the names of a text at spaces.
fn parted(text: &str) -> Vec<String> {
    match text.contains(',') {
        true => by_commas(text),
        false => text.split_whitespace().map(str::to_owned).collect(),
    }
}

fn is_flag(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off"
    )
}
