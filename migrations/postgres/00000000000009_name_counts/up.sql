-- How many published articles each author and each tag has, and the newest date among them, so that
-- nobody counts them. Kept by triggers, so that nothing that writes can forget it. Rows of names
-- that have none any more, or are gone, stay, with 0.
CREATE TABLE author_counts (
    author_pk BIGINT PRIMARY KEY,
    articles BIGINT NOT NULL,
    -- The newest sort_at; none where there are no articles.
    latest_at BIGINT
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);
CREATE TABLE tag_counts (
    tag_pk BIGINT PRIMARY KEY,
    articles BIGINT NOT NULL,
    latest_at BIGINT
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);

-- A server of the version before may be writing: what it commits between the counting and the
-- triggers would never be counted. Readers do not wait for this.
LOCK TABLE articles, article_authors, article_tags IN SHARE ROW EXCLUSIVE MODE;

INSERT INTO author_counts (author_pk, articles, latest_at)
SELECT j.author_pk, COUNT(*), MAX(a.sort_at)
FROM article_authors AS j JOIN articles AS a ON a.pk = j.article_pk
WHERE a.status = 'published' GROUP BY j.author_pk;
INSERT INTO tag_counts (tag_pk, articles, latest_at)
SELECT j.tag_pk, COUNT(*), MAX(a.sort_at)
FROM article_tags AS j JOIN articles AS a ON a.pk = j.article_pk
WHERE a.status = 'published' GROUP BY j.tag_pk;

-- The functions below are called for an article at a time, and for very many. What they look up is
-- looked up by row for each (LATERAL, and OFFSET as a fence), and never by reading a whole table: a
-- plan is made once for a connection, and one made for few articles would stay when there are many.

-- The newest date of a name that has lost an article of the newest date, and has so many left: none
-- is newer. Where a name has many articles, one of them is hardly far behind (25 days are looked
-- through), and they need not all be looked at.
CREATE FUNCTION newest_of_author(wanted BIGINT, remaining BIGINT, until BIGINT)
RETURNS BIGINT LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
    found_at BIGINT;
BEGIN
    IF remaining > 1000 THEN
        SELECT sort_at INTO found_at FROM articles
        WHERE status = 'published' AND sort_at <= until AND sort_at > until - 2147483648
            AND (SELECT TRUE FROM article_authors
                WHERE article_pk = articles.pk AND author_pk = wanted LIMIT 1)
        ORDER BY sort_at DESC, id DESC LIMIT 1;
    END IF;
    IF found_at IS NULL AND remaining > 0 THEN
        SELECT MAX(a.sort_at) INTO found_at
        FROM article_authors AS j, LATERAL (
            SELECT status, sort_at FROM articles WHERE pk = j.article_pk OFFSET 0
        ) AS a
        WHERE j.author_pk = wanted AND a.status = 'published';
    END IF;
    RETURN found_at;
END
$$;

CREATE FUNCTION newest_of_tag(wanted BIGINT, remaining BIGINT, until BIGINT)
RETURNS BIGINT LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
    found_at BIGINT;
BEGIN
    IF remaining > 1000 THEN
        SELECT sort_at INTO found_at FROM articles
        WHERE status = 'published' AND sort_at <= until AND sort_at > until - 2147483648
            AND (SELECT TRUE FROM article_tags
                WHERE article_pk = articles.pk AND tag_pk = wanted LIMIT 1)
        ORDER BY sort_at DESC, id DESC LIMIT 1;
    END IF;
    IF found_at IS NULL AND remaining > 0 THEN
        SELECT MAX(a.sort_at) INTO found_at
        FROM article_tags AS j, LATERAL (
            SELECT status, sort_at FROM articles WHERE pk = j.article_pk OFFSET 0
        ) AS a
        WHERE j.tag_pk = wanted AND a.status = 'published';
    END IF;
    RETURN found_at;
END
$$;

-- What articles are given and lose. For each statement and not for each row, as with the counts of
-- articles.
CREATE FUNCTION count_authors() RETURNS TRIGGER LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO author_counts AS kept (author_pk, articles, latest_at)
        SELECT j.author_pk, COUNT(*), MAX(a.sort_at)
        FROM entered AS j, LATERAL (
            SELECT status, sort_at FROM articles WHERE pk = j.article_pk OFFSET 0
        ) AS a
        WHERE a.status = 'published' GROUP BY j.author_pk
        ON CONFLICT (author_pk) DO UPDATE SET
            articles = kept.articles + excluded.articles,
            latest_at = GREATEST(kept.latest_at, excluded.latest_at);
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO author_counts AS kept (author_pk, articles, latest_at)
        SELECT j.author_pk, -COUNT(*), MAX(a.sort_at)
        FROM gone AS j, LATERAL (
            SELECT status, sort_at FROM articles WHERE pk = j.article_pk OFFSET 0
        ) AS a
        WHERE a.status = 'published' GROUP BY j.author_pk
        ON CONFLICT (author_pk) DO UPDATE SET
            articles = kept.articles + excluded.articles,
            latest_at = CASE
                WHEN excluded.latest_at < kept.latest_at THEN kept.latest_at
                ELSE newest_of_author(
                    kept.author_pk, kept.articles + excluded.articles, kept.latest_at
                )
            END;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER authors_counted_in AFTER INSERT ON article_authors
REFERENCING NEW TABLE AS entered
FOR EACH STATEMENT EXECUTE FUNCTION count_authors();
CREATE TRIGGER authors_counted_out AFTER DELETE ON article_authors
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION count_authors();
CREATE TRIGGER authors_counted_anew AFTER UPDATE ON article_authors
REFERENCING OLD TABLE AS gone NEW TABLE AS entered
FOR EACH STATEMENT EXECUTE FUNCTION count_authors();

CREATE FUNCTION count_tags() RETURNS TRIGGER LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO tag_counts AS kept (tag_pk, articles, latest_at)
        SELECT j.tag_pk, COUNT(*), MAX(a.sort_at)
        FROM entered AS j, LATERAL (
            SELECT status, sort_at FROM articles WHERE pk = j.article_pk OFFSET 0
        ) AS a
        WHERE a.status = 'published' GROUP BY j.tag_pk
        ON CONFLICT (tag_pk) DO UPDATE SET
            articles = kept.articles + excluded.articles,
            latest_at = GREATEST(kept.latest_at, excluded.latest_at);
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO tag_counts AS kept (tag_pk, articles, latest_at)
        SELECT j.tag_pk, -COUNT(*), MAX(a.sort_at)
        FROM gone AS j, LATERAL (
            SELECT status, sort_at FROM articles WHERE pk = j.article_pk OFFSET 0
        ) AS a
        WHERE a.status = 'published' GROUP BY j.tag_pk
        ON CONFLICT (tag_pk) DO UPDATE SET
            articles = kept.articles + excluded.articles,
            latest_at = CASE
                WHEN excluded.latest_at < kept.latest_at THEN kept.latest_at
                ELSE newest_of_tag(
                    kept.tag_pk, kept.articles + excluded.articles, kept.latest_at
                )
            END;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER tags_counted_in AFTER INSERT ON article_tags
REFERENCING NEW TABLE AS entered
FOR EACH STATEMENT EXECUTE FUNCTION count_tags();
CREATE TRIGGER tags_counted_out AFTER DELETE ON article_tags
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION count_tags();
CREATE TRIGGER tags_counted_anew AFTER UPDATE ON article_tags
REFERENCING OLD TABLE AS gone NEW TABLE AS entered
FOR EACH STATEMENT EXECUTE FUNCTION count_tags();

-- Articles that are published, unpublished or dated anew. One that is new carries nothing yet.
CREATE FUNCTION count_names() RETURNS TRIGGER LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    -- Most changes are of neither.
    IF NOT EXISTS (
        SELECT FROM (
            SELECT pk, sort_at, 1 AS step FROM entered WHERE status = 'published'
            UNION ALL
            SELECT pk, sort_at, -1 FROM gone WHERE status = 'published'
        ) AS steps
        GROUP BY pk, sort_at HAVING SUM(step) <> 0
    ) THEN
        RETURN NULL;
    END IF;

    INSERT INTO author_counts AS kept (author_pk, articles, latest_at)
    SELECT j.author_pk, COUNT(*), MAX(came.sort_at)
    FROM (
        SELECT pk, sort_at FROM entered WHERE status = 'published'
        EXCEPT SELECT pk, sort_at FROM gone WHERE status = 'published'
    ) AS came, LATERAL (
        SELECT author_pk FROM article_authors WHERE article_pk = came.pk OFFSET 0
    ) AS j
    GROUP BY j.author_pk
    ON CONFLICT (author_pk) DO UPDATE SET
        articles = kept.articles + excluded.articles,
        latest_at = GREATEST(kept.latest_at, excluded.latest_at);
    INSERT INTO author_counts AS kept (author_pk, articles, latest_at)
    SELECT j.author_pk, -COUNT(*), MAX(went.sort_at)
    FROM (
        SELECT pk, sort_at FROM gone WHERE status = 'published'
        EXCEPT SELECT pk, sort_at FROM entered WHERE status = 'published'
    ) AS went, LATERAL (
        SELECT author_pk FROM article_authors WHERE article_pk = went.pk OFFSET 0
    ) AS j
    GROUP BY j.author_pk
    ON CONFLICT (author_pk) DO UPDATE SET
        articles = kept.articles + excluded.articles,
        latest_at = CASE
            WHEN excluded.latest_at < kept.latest_at THEN kept.latest_at
            ELSE newest_of_author(
                kept.author_pk, kept.articles + excluded.articles, kept.latest_at
            )
        END;

    INSERT INTO tag_counts AS kept (tag_pk, articles, latest_at)
    SELECT j.tag_pk, COUNT(*), MAX(came.sort_at)
    FROM (
        SELECT pk, sort_at FROM entered WHERE status = 'published'
        EXCEPT SELECT pk, sort_at FROM gone WHERE status = 'published'
    ) AS came, LATERAL (
        SELECT tag_pk FROM article_tags WHERE article_pk = came.pk OFFSET 0
    ) AS j
    GROUP BY j.tag_pk
    ON CONFLICT (tag_pk) DO UPDATE SET
        articles = kept.articles + excluded.articles,
        latest_at = GREATEST(kept.latest_at, excluded.latest_at);
    INSERT INTO tag_counts AS kept (tag_pk, articles, latest_at)
    SELECT j.tag_pk, -COUNT(*), MAX(went.sort_at)
    FROM (
        SELECT pk, sort_at FROM gone WHERE status = 'published'
        EXCEPT SELECT pk, sort_at FROM entered WHERE status = 'published'
    ) AS went, LATERAL (
        SELECT tag_pk FROM article_tags WHERE article_pk = went.pk OFFSET 0
    ) AS j
    GROUP BY j.tag_pk
    ON CONFLICT (tag_pk) DO UPDATE SET
        articles = kept.articles + excluded.articles,
        latest_at = CASE
            WHEN excluded.latest_at < kept.latest_at THEN kept.latest_at
            ELSE newest_of_tag(
                kept.tag_pk, kept.articles + excluded.articles, kept.latest_at
            )
        END;

    RETURN NULL;
END
$$;

CREATE TRIGGER articles_named_anew AFTER UPDATE ON articles
REFERENCING OLD TABLE AS gone NEW TABLE AS entered
FOR EACH STATEMENT EXECUTE FUNCTION count_names();

-- What is about to be deleted is taken from its names while it is known that it is published.
CREATE FUNCTION release_names() RETURNS TRIGGER LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    DELETE FROM article_authors WHERE article_pk = OLD.pk;
    DELETE FROM article_tags WHERE article_pk = OLD.pk;
    RETURN OLD;
END
$$;

CREATE TRIGGER articles_named_out BEFORE DELETE ON articles
FOR EACH ROW WHEN (OLD.status = 'published') EXECUTE FUNCTION release_names();
