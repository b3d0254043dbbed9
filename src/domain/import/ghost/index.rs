//! Tags and authors of an export, and which posts they belong to.

use std::collections::{HashMap, HashSet};

use crate::{
    domain::import::{
        Entry, ImportedName, Place, Refusal, bounds,
        ghost::{
            export::{Data, Post, PostMeta, Tag, Text, User},
            post,
            site::Site,
        },
    },
    model::{kind::Kind, name::MAX_NAME, slug::is_slug},
};

/// Internal tags that are named where they are told of.
const TOLD_AT_MOST: usize = 10;

/// What posts refer to.
pub(super) struct Index {
    pub(super) site: Site,
    tags: Vec<Tag>,
    users: Vec<User>,
    /// Places in `tags` by the id of a post, in its order.
    tags_of: HashMap<String, Vec<usize>>,
    /// Places in `users` by the id of a post, in its order.
    authors_of: HashMap<String, Vec<usize>>,
    user_at: HashMap<String, usize>,
    metas: HashMap<String, PostMeta>,
}

impl Index {
    pub(super) fn new(data: Data) -> Self {
        let tags = data.tags.unwrap_or_default();
        let users = data.users.unwrap_or_default();
        let tag_at = places(tags.iter().map(|tag| &tag.id));
        let user_at = places(users.iter().map(|user| &user.id));
        let posts_tags = data.posts_tags.unwrap_or_default();
        let tags_of = joined(
            posts_tags
                .iter()
                .map(|row| (&row.post_id, &row.tag_id, &row.sort_order)),
            &tag_at,
        );
        let posts_authors = data.posts_authors.unwrap_or_default();
        let authors_of = joined(
            posts_authors
                .iter()
                .map(|row| (&row.post_id, &row.author_id, &row.sort_order)),
            &user_at,
        );
        let metas = data.posts_meta.unwrap_or_default().into_iter();
        let metas = metas.filter_map(|meta| Some((meta.post_id.get()?.to_owned(), meta)));
        Self {
            site: Site::new(&data.settings.unwrap_or_default()),
            metas: metas.collect(),
            tags,
            users,
            tags_of,
            authors_of,
            user_at,
        }
    }

    /// More about a post.
    pub(super) fn meta(&self, post: &Post) -> Option<&PostMeta> {
        self.metas.get(post.id.get()?)
    }

    /// The tags of a post that readers saw, the primary one first.
    pub(super) fn tags(&self, post: &Post) -> impl Iterator<Item = &Tag> {
        self.tag_places(post)
            .filter_map(move |at| self.tags.get(at))
    }

    fn tag_places(&self, post: &Post) -> impl Iterator<Item = usize> {
        let places = post.id.get().and_then(|id| self.tags_of.get(id));
        let is_public = move |at: &usize| self.tags.get(*at).is_some_and(|tag| !is_internal(tag));
        places.into_iter().flatten().copied().filter(is_public)
    }

    /// The authors of a post, in the order of its byline.
    pub(super) fn authors(&self, post: &Post) -> impl Iterator<Item = &User> {
        let places = self.author_places(post);
        places.into_iter().filter_map(move |at| self.users.get(at))
    }

    fn author_places(&self, post: &Post) -> Vec<usize> {
        let several = post.id.get().and_then(|id| self.authors_of.get(id));
        let one = || self.user_at.get(post.author_id.get()?).copied();
        several
            .cloned()
            .unwrap_or_else(|| one().into_iter().collect())
    }

    /// What is known of the names that articles use.
    pub(super) fn names(&self, posts: &[Post], file: &str) -> Vec<Entry> {
        let (mut first, mut further) = (HashSet::new(), HashSet::new());
        let mut writing = HashSet::new();
        let is_article = |post: &&Post| post::left_out(post, self.meta(post)).is_none();
        for post in posts.iter().filter(is_article) {
            let mut tags = self.tag_places(post);
            first.extend(tags.next());
            further.extend(tags);
            writing.extend(self.author_places(post));
        }
        let mut entries = Vec::new();
        for (at, tag) in self.tags.iter().enumerate() {
            let kinds = [
                (Kind::Category, first.contains(&at)),
                (Kind::Tag, further.contains(&at)),
            ];
            for (kind, _) in kinds.into_iter().filter(|(_, is_used)| *is_used) {
                let named = named(kind, &tag.name, &tag.slug, &tag.description);
                entries.extend(named.map(|name| entry(name, file)));
            }
        }
        let authors = self.users.iter().enumerate();
        for (_, user) in authors.filter(|(at, _)| writing.contains(at)) {
            self.author(user, file, &mut entries);
        }
        entries
    }

    fn author(&self, user: &User, file: &str, entries: &mut Vec<Entry>) {
        let Some(mut name) = named(Kind::Author, &user.name, &user.slug, &user.bio) else {
            return;
        };
        if let Some(address) = user.profile_image.get() {
            name.avatar = self.site.absolute(address);
            if name.avatar.is_none() {
                let reason = format!(
                    "the portrait of {} has no absolute address (http or https)",
                    name.name
                );
                let place = Place::whole(file);
                entries.push(Entry::LeftOut(Refusal { place, reason }));
            }
        }
        entries.push(entry(name, file));
    }

    /// Tells of the tags that readers never saw.
    pub(super) fn internal_tags(&self, file: &str) -> Option<Entry> {
        let internal: Vec<&str> = self
            .tags
            .iter()
            .filter(|tag| is_internal(tag))
            .filter_map(|tag| tag.name.get())
            .collect();
        if internal.is_empty() {
            return None;
        }
        let told = internal.iter().take(TOLD_AT_MOST).copied();
        let more = match internal.len() > TOLD_AT_MOST {
            true => ", …",
            false => "",
        };
        let reason = format!(
            "{} internal tags, which readers never saw: {}{more}",
            internal.len(),
            told.collect::<Vec<_>>().join(", ")
        );
        let place = Place::whole(file);
        Some(Entry::LeftOut(Refusal { place, reason }))
    }
}

fn is_internal(tag: &Tag) -> bool {
    tag.visibility.get() == Some("internal")
        || tag.name.get().is_some_and(|name| name.starts_with('#'))
}

fn entry(name: ImportedName, file: &str) -> Entry {
    Entry::Name {
        name: Box::new(name),
        place: Place::whole(file),
    }
}

fn named(kind: Kind, name: &Text, slug: &Text, description: &Text) -> Option<ImportedName> {
    let name = bounds::collapsed(name.get()?);
    let is_kept = !name.is_empty() && name.chars().count() <= MAX_NAME;
    let description = description.get().unwrap_or_default();
    is_kept.then(|| ImportedName {
        kind,
        slug: slug.get().filter(|slug| is_slug(slug)).map(str::to_owned),
        name,
        // A description may have as many characters as a summary.
        description: bounds::summary(description, &mut Vec::new()),
        avatar: None,
        parents: Vec::new(),
    })
}

/// Where each id stands.
fn places<'a>(ids: impl Iterator<Item = &'a Text>) -> HashMap<String, usize> {
    ids.enumerate()
        .filter_map(|(at, id)| Some((id.get()?.to_owned(), at)))
        .collect()
}

/// What belongs to each post, in order, each once.
fn joined<'a>(
    rows: impl Iterator<Item = (&'a Text, &'a Text, &'a Text)>,
    at: &HashMap<String, usize>,
) -> HashMap<String, Vec<usize>> {
    let mut of: HashMap<String, Vec<(i64, usize)>> = HashMap::new();
    for (post, thing, order) in rows {
        if let (Some(post), Some(at)) = (post.get(), thing.get().and_then(|id| at.get(id))) {
            of.entry(post.to_owned())
                .or_default()
                .push((order.order(), *at));
        }
    }
    let in_order = |mut things: Vec<(i64, usize)>| {
        // Those of the same place stay in the order of the file.
        things.sort_by_key(|(order, _)| *order);
        let mut seen = HashSet::new();
        let each = things.into_iter().map(|(_, at)| at);
        each.filter(|at| seen.insert(*at)).collect::<Vec<usize>>()
    };
    of.into_iter()
        .map(|(post, things)| (post, in_order(things)))
        .collect()
}
