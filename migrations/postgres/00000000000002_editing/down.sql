DROP TABLE index_queue;
DROP TABLE secrets;
DROP TABLE audit;
DROP TABLE revoked_tokens;
DROP TABLE idempotency_keys;
DROP TABLE preview_links;
DROP TABLE related_exclusions;
DROP TABLE revisions;
DELETE FROM changes WHERE kind <> 'article';
ALTER TABLE changes DROP COLUMN kind;
ALTER TABLE changes RENAME COLUMN entity_id TO article_id;
DROP TABLE tombstones;
CREATE TABLE former_slugs_of_articles (
    slug TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    article_pk BIGINT NOT NULL REFERENCES articles (pk) ON DELETE CASCADE,
    retired_at BIGINT NOT NULL
);
INSERT INTO former_slugs_of_articles (slug, article_pk, retired_at)
SELECT f.slug, a.pk, f.retired_at
FROM former_slugs AS f JOIN articles AS a ON a.id = f.id WHERE f.kind = 'article';
DROP TABLE former_slugs;
ALTER TABLE former_slugs_of_articles RENAME TO former_slugs;
CREATE INDEX former_slugs_by_article ON former_slugs (article_pk);
DROP INDEX articles_of_any_status;
DROP INDEX articles_by_schedule;
ALTER TABLE tags DROP COLUMN public;
ALTER TABLE authors DROP COLUMN public;
ALTER TABLE categories DROP COLUMN public;
ALTER TABLE articles DROP COLUMN public_slug;
ALTER TABLE articles DROP COLUMN version;
ALTER TABLE tags DROP COLUMN version;
ALTER TABLE authors DROP COLUMN version;
ALTER TABLE categories DROP COLUMN version;
