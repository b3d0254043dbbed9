-- Times are milliseconds since the Unix epoch; ids are UUIDv7 text; `pk` is internal.

CREATE TABLE categories (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT,
    parent_pk BIGINT REFERENCES categories (pk),
    path TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX categories_by_name ON categories (name_key, id);
CREATE INDEX categories_by_parent ON categories (parent_pk);

CREATE TABLE authors (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT,
    avatar TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX authors_by_name ON authors (name_key, id);

CREATE TABLE tags (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX tags_by_name ON tags (name_key, id);

CREATE TABLE articles (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL UNIQUE,
    external_id TEXT UNIQUE,
    title TEXT NOT NULL,
    -- The title folded (lower case, no diacritics): sorts alike on every database.
    title_key TEXT NOT NULL,
    title_provisional BOOLEAN NOT NULL,
    summary TEXT,
    category_pk BIGINT REFERENCES categories (pk),
    image TEXT,
    status TEXT NOT NULL CHECK (status IN ('draft', 'scheduled', 'published', 'unpublished')),
    language TEXT NOT NULL,
    featured BOOLEAN NOT NULL,
    canonical_url TEXT,
    published_at BIGINT,
    first_published_at BIGINT,
    -- published_at, or created_at while there is none: what lists are sorted by.
    sort_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    reading_minutes BIGINT,
    word_count BIGINT NOT NULL,
    -- SHA-256 of the stored body in hexadecimal, empty without one: tells changed from
    -- unchanged, and twins.
    body_hash TEXT NOT NULL,
    CHECK (status <> 'published' OR published_at IS NOT NULL)
);
CREATE INDEX articles_by_date ON articles (status, sort_at, id);
CREATE INDEX articles_by_category ON articles (status, category_pk, sort_at, id);
CREATE INDEX articles_by_title ON articles (status, title_key, id);
CREATE INDEX articles_by_change ON articles (status, modified_at, id);

CREATE TABLE article_bodies (
    article_pk INTEGER PRIMARY KEY REFERENCES articles (pk) ON DELETE CASCADE,
    blocks TEXT NOT NULL
);

CREATE TABLE article_authors (
    article_pk BIGINT NOT NULL REFERENCES articles (pk) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    author_pk BIGINT NOT NULL REFERENCES authors (pk),
    PRIMARY KEY (article_pk, position)
) WITHOUT ROWID;
CREATE INDEX article_authors_by_author ON article_authors (author_pk, article_pk);

CREATE TABLE article_tags (
    article_pk BIGINT NOT NULL REFERENCES articles (pk) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    tag_pk BIGINT NOT NULL REFERENCES tags (pk),
    PRIMARY KEY (article_pk, position)
) WITHOUT ROWID;
CREATE INDEX article_tags_by_tag ON article_tags (tag_pk, article_pk);

CREATE TABLE related_pins (
    article_pk BIGINT NOT NULL REFERENCES articles (pk) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    related_pk BIGINT NOT NULL REFERENCES articles (pk) ON DELETE CASCADE,
    PRIMARY KEY (article_pk, position)
) WITHOUT ROWID;
CREATE INDEX related_pins_by_related ON related_pins (related_pk);

-- Slugs that articles once had: their addresses lead to the present one for ever.
CREATE TABLE former_slugs (
    slug TEXT NOT NULL PRIMARY KEY,
    article_pk BIGINT NOT NULL REFERENCES articles (pk) ON DELETE CASCADE,
    retired_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX former_slugs_by_article ON former_slugs (article_pk);

CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id TEXT NOT NULL,
    change TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX changes_by_time ON changes (at, sequence);

-- The words of published articles. Fed by the store with words that are folded and parted
-- already, so the plainest tokeniser is the right one; without content, since text for snippets
-- is read from the body.
CREATE VIRTUAL TABLE article_search USING fts5 (
    title, summary, names, body,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE article_search_words USING fts5vocab (article_search, instance);
