-- How many published articles each author and each tag has, and the newest date among them, so that
-- nobody counts them. Kept by triggers, so that nothing that writes can forget it. Rows of names
-- that have none any more, or are gone, stay, with 0.
CREATE TABLE author_counts (
    author_pk INTEGER PRIMARY KEY,
    articles BIGINT NOT NULL,
    -- The newest sort_at; none where there are no articles.
    latest_at BIGINT
);
CREATE TABLE tag_counts (
    tag_pk INTEGER PRIMARY KEY,
    articles BIGINT NOT NULL,
    latest_at BIGINT
);

INSERT INTO author_counts (author_pk, articles, latest_at)
SELECT j.author_pk, COUNT(*), MAX(a.sort_at)
FROM article_authors AS j JOIN articles AS a ON a.pk = j.article_pk
WHERE a.status = 'published' GROUP BY j.author_pk;
INSERT INTO tag_counts (tag_pk, articles, latest_at)
SELECT j.tag_pk, COUNT(*), MAX(a.sort_at)
FROM article_tags AS j JOIN articles AS a ON a.pk = j.article_pk
WHERE a.status = 'published' GROUP BY j.tag_pk;

-- What articles are given and lose. Where a name may have lost its newest article, the date is
-- taken away, and found anew by a trigger of its own.
CREATE TRIGGER authors_counted_in AFTER INSERT ON article_authors
BEGIN
    INSERT INTO author_counts (author_pk, articles, latest_at)
    SELECT NEW.author_pk, 1, sort_at FROM articles
    WHERE pk = NEW.article_pk AND status = 'published'
    ON CONFLICT (author_pk) DO UPDATE SET
        articles = articles + 1,
        latest_at = MAX(COALESCE(latest_at, excluded.latest_at), excluded.latest_at);
END;

CREATE TRIGGER authors_counted_out AFTER DELETE ON article_authors
BEGIN
    UPDATE author_counts SET
        articles = articles - 1,
        latest_at = CASE WHEN gone.sort_at < latest_at THEN latest_at END
    FROM (
        SELECT sort_at FROM articles WHERE pk = OLD.article_pk AND status = 'published'
    ) AS gone
    WHERE author_pk = OLD.author_pk;
END;

CREATE TRIGGER authors_counted_anew AFTER UPDATE OF article_pk, author_pk ON article_authors
WHEN (OLD.article_pk, OLD.author_pk) IS NOT (NEW.article_pk, NEW.author_pk)
BEGIN
    INSERT INTO author_counts (author_pk, articles, latest_at)
    SELECT NEW.author_pk, 1, sort_at FROM articles
    WHERE pk = NEW.article_pk AND status = 'published'
    ON CONFLICT (author_pk) DO UPDATE SET
        articles = articles + 1,
        latest_at = MAX(COALESCE(latest_at, excluded.latest_at), excluded.latest_at);
    UPDATE author_counts SET
        articles = articles - 1,
        latest_at = CASE WHEN gone.sort_at < latest_at THEN latest_at END
    FROM (
        SELECT sort_at FROM articles WHERE pk = OLD.article_pk AND status = 'published'
    ) AS gone
    WHERE author_pk = OLD.author_pk;
END;

CREATE TRIGGER tags_counted_in AFTER INSERT ON article_tags
BEGIN
    INSERT INTO tag_counts (tag_pk, articles, latest_at)
    SELECT NEW.tag_pk, 1, sort_at FROM articles
    WHERE pk = NEW.article_pk AND status = 'published'
    ON CONFLICT (tag_pk) DO UPDATE SET
        articles = articles + 1,
        latest_at = MAX(COALESCE(latest_at, excluded.latest_at), excluded.latest_at);
END;

CREATE TRIGGER tags_counted_out AFTER DELETE ON article_tags
BEGIN
    UPDATE tag_counts SET
        articles = articles - 1,
        latest_at = CASE WHEN gone.sort_at < latest_at THEN latest_at END
    FROM (
        SELECT sort_at FROM articles WHERE pk = OLD.article_pk AND status = 'published'
    ) AS gone
    WHERE tag_pk = OLD.tag_pk;
END;

CREATE TRIGGER tags_counted_anew AFTER UPDATE OF article_pk, tag_pk ON article_tags
WHEN (OLD.article_pk, OLD.tag_pk) IS NOT (NEW.article_pk, NEW.tag_pk)
BEGIN
    INSERT INTO tag_counts (tag_pk, articles, latest_at)
    SELECT NEW.tag_pk, 1, sort_at FROM articles
    WHERE pk = NEW.article_pk AND status = 'published'
    ON CONFLICT (tag_pk) DO UPDATE SET
        articles = articles + 1,
        latest_at = MAX(COALESCE(latest_at, excluded.latest_at), excluded.latest_at);
    UPDATE tag_counts SET
        articles = articles - 1,
        latest_at = CASE WHEN gone.sort_at < latest_at THEN latest_at END
    FROM (
        SELECT sort_at FROM articles WHERE pk = OLD.article_pk AND status = 'published'
    ) AS gone
    WHERE tag_pk = OLD.tag_pk;
END;

-- Finds the newest date of a name where it was taken away: none is newer than it was. Where a name
-- has many articles, one of them is hardly far behind (25 days are looked through), and they need
-- not all be looked at.
CREATE TRIGGER author_counts_dated AFTER UPDATE OF latest_at ON author_counts
WHEN NEW.latest_at IS NULL AND NEW.articles > 0
BEGIN
    UPDATE author_counts SET latest_at = COALESCE(
        CASE WHEN articles > 1000 THEN (
            SELECT sort_at FROM articles
            WHERE status = 'published'
                AND sort_at <= OLD.latest_at AND sort_at > OLD.latest_at - 2147483648
                AND EXISTS (
                    SELECT 1 FROM article_authors
                    WHERE article_pk = articles.pk AND author_pk = NEW.author_pk
                )
            ORDER BY sort_at DESC, id DESC LIMIT 1
        ) END,
        (
            SELECT MAX(a.sort_at)
            FROM article_authors AS j JOIN articles AS a ON a.pk = j.article_pk
            WHERE j.author_pk = NEW.author_pk AND a.status = 'published'
        )
    )
    WHERE author_pk = NEW.author_pk;
END;

CREATE TRIGGER tag_counts_dated AFTER UPDATE OF latest_at ON tag_counts
WHEN NEW.latest_at IS NULL AND NEW.articles > 0
BEGIN
    UPDATE tag_counts SET latest_at = COALESCE(
        CASE WHEN articles > 1000 THEN (
            SELECT sort_at FROM articles
            WHERE status = 'published'
                AND sort_at <= OLD.latest_at AND sort_at > OLD.latest_at - 2147483648
                AND EXISTS (
                    SELECT 1 FROM article_tags
                    WHERE article_pk = articles.pk AND tag_pk = NEW.tag_pk
                )
            ORDER BY sort_at DESC, id DESC LIMIT 1
        ) END,
        (
            SELECT MAX(a.sort_at)
            FROM article_tags AS j JOIN articles AS a ON a.pk = j.article_pk
            WHERE j.tag_pk = NEW.tag_pk AND a.status = 'published'
        )
    )
    WHERE tag_pk = NEW.tag_pk;
END;

-- Articles that are published, unpublished or dated anew. One that is new carries nothing yet.
CREATE TRIGGER articles_named_anew AFTER UPDATE OF status, sort_at ON articles
WHEN (OLD.status = 'published' OR NEW.status = 'published')
    AND (OLD.status, OLD.sort_at) IS NOT (NEW.status, NEW.sort_at)
BEGIN
    INSERT INTO author_counts (author_pk, articles, latest_at)
    SELECT author_pk, 1, NEW.sort_at FROM article_authors
    WHERE article_pk = NEW.pk AND NEW.status = 'published'
    ON CONFLICT (author_pk) DO UPDATE SET
        articles = articles + 1,
        latest_at = MAX(COALESCE(latest_at, excluded.latest_at), excluded.latest_at);
    UPDATE author_counts SET
        articles = articles - (
            SELECT COUNT(*) FROM article_authors AS j
            WHERE j.article_pk = OLD.pk AND j.author_pk = author_counts.author_pk
        ),
        latest_at = CASE WHEN OLD.sort_at < latest_at THEN latest_at END
    WHERE OLD.status = 'published'
        AND author_pk IN (SELECT author_pk FROM article_authors WHERE article_pk = OLD.pk);
    INSERT INTO tag_counts (tag_pk, articles, latest_at)
    SELECT tag_pk, 1, NEW.sort_at FROM article_tags
    WHERE article_pk = NEW.pk AND NEW.status = 'published'
    ON CONFLICT (tag_pk) DO UPDATE SET
        articles = articles + 1,
        latest_at = MAX(COALESCE(latest_at, excluded.latest_at), excluded.latest_at);
    UPDATE tag_counts SET
        articles = articles - (
            SELECT COUNT(*) FROM article_tags AS j
            WHERE j.article_pk = OLD.pk AND j.tag_pk = tag_counts.tag_pk
        ),
        latest_at = CASE WHEN OLD.sort_at < latest_at THEN latest_at END
    WHERE OLD.status = 'published'
        AND tag_pk IN (SELECT tag_pk FROM article_tags WHERE article_pk = OLD.pk);
END;

-- What is about to be deleted is taken from its names while it is known that it is published.
CREATE TRIGGER articles_named_out BEFORE DELETE ON articles
WHEN OLD.status = 'published'
BEGIN
    DELETE FROM article_authors WHERE article_pk = OLD.pk;
    DELETE FROM article_tags WHERE article_pk = OLD.pk;
END;

-- As in the migration `planning`: what the planner takes the tables for.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('author_counts', NULL, '5000'),
    ('tag_counts', NULL, '20000');
ANALYZE sqlite_schema;
