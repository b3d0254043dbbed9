-- What editing needs: versions, revisions, former slugs and tombstones of every kind, who did what.

-- Grows with every change of the row; entity tags of writers are made of it.
ALTER TABLE categories ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE authors ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE tags ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE articles ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- The slug under which readers could last see the article.
ALTER TABLE articles ADD COLUMN public_slug TEXT;
UPDATE articles SET public_slug = slug WHERE first_published_at IS NOT NULL;

-- Whether readers may know the name: made on purpose, or carried by an article that was published.
ALTER TABLE categories ADD COLUMN public BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE authors ADD COLUMN public BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE tags ADD COLUMN public BOOLEAN NOT NULL DEFAULT TRUE;

CREATE INDEX articles_by_schedule ON articles (published_at) WHERE status = 'scheduled';
-- For editors, who see articles of every status in one list.
CREATE INDEX articles_of_any_status ON articles (sort_at, id);

-- Slugs that things once had: their addresses lead to the present one for ever.
CREATE TABLE former_slugs_of_all (
    kind TEXT NOT NULL,
    slug TEXT NOT NULL,
    id TEXT NOT NULL,
    -- Whether readers could see the thing under this slug.
    public BOOLEAN NOT NULL,
    retired_at BIGINT NOT NULL,
    PRIMARY KEY (kind, slug)
) WITHOUT ROWID;
INSERT INTO former_slugs_of_all (kind, slug, id, public, retired_at)
SELECT 'article', f.slug, a.id, a.first_published_at IS NOT NULL, f.retired_at
FROM former_slugs AS f JOIN articles AS a ON a.pk = f.article_pk;
DROP TABLE former_slugs;
ALTER TABLE former_slugs_of_all RENAME TO former_slugs;
CREATE INDEX former_slugs_by_id ON former_slugs (id);

-- What was deleted.
CREATE TABLE tombstones (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    slug TEXT NOT NULL,
    -- Whether readers had ever seen it.
    public BOOLEAN NOT NULL,
    deleted_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX tombstones_by_slug ON tombstones (kind, slug);

ALTER TABLE changes RENAME COLUMN article_id TO entity_id;
ALTER TABLE changes ADD COLUMN kind TEXT NOT NULL DEFAULT 'article';

-- Every save of an article. The content of the latest is the article itself, so only that of
-- former ones is kept here, as JSON.
CREATE TABLE revisions (
    article_pk BIGINT NOT NULL REFERENCES articles (pk) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    saved_at BIGINT NOT NULL,
    saved_by TEXT NOT NULL,
    note TEXT,
    title TEXT NOT NULL,
    content TEXT,
    PRIMARY KEY (article_pk, number)
);
INSERT INTO revisions (article_pk, number, saved_at, saved_by, title)
SELECT pk, 1, updated_at, 'import', title FROM articles;

CREATE TABLE related_exclusions (
    article_pk BIGINT NOT NULL REFERENCES articles (pk) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    related_pk BIGINT NOT NULL REFERENCES articles (pk) ON DELETE CASCADE,
    PRIMARY KEY (article_pk, position)
) WITHOUT ROWID;
CREATE INDEX related_exclusions_by_related ON related_exclusions (related_pk);

CREATE TABLE preview_links (
    id TEXT NOT NULL PRIMARY KEY,
    article_pk BIGINT NOT NULL REFERENCES articles (pk) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
) WITHOUT ROWID;
CREATE INDEX preview_links_by_article ON preview_links (article_pk, id);

-- First answers to requests that may be sent again.
CREATE TABLE idempotency_keys (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status BIGINT NOT NULL,
    location TEXT,
    etag TEXT,
    body TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE revoked_tokens (
    jti TEXT NOT NULL PRIMARY KEY,
    revoked_at BIGINT NOT NULL,
    revoked_by TEXT NOT NULL
) WITHOUT ROWID;

-- Who changed what, and when; never the text itself.
CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    slug TEXT,
    members TEXT NOT NULL,
    request_id TEXT
);
CREATE INDEX audit_by_entity ON audit (entity_id, sequence);
CREATE INDEX audit_by_actor ON audit (actor, sequence);

-- Made by the server for itself, such as the key of preview links.
CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Articles whose words in the full-text index are not up to date.
CREATE TABLE index_queue (
    article_pk INTEGER PRIMARY KEY REFERENCES articles (pk) ON DELETE CASCADE
);
-- Only published articles were in the index so far.
INSERT INTO index_queue (article_pk) SELECT pk FROM articles WHERE status <> 'published';
