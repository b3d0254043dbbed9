-- How many articles there are, so that nobody counts them: by status and category, of all times
-- and by stretches of time. Kept by triggers, so that nothing that writes can forget it. Rows of
-- what is gone stay, with 0: there are no more of them than of statuses, categories and spans.
CREATE TABLE article_counts (
    -- 0: of all times, under span 0. 1: of one span.
    grain BIGINT NOT NULL CHECK (grain IN (0, 1)),
    status TEXT COLLATE "C" NOT NULL,
    -- 0 for all articles, -1 for those without a category.
    category_pk BIGINT NOT NULL,
    -- Some 25 days: sort_at without its lowest 31 bits.
    span BIGINT NOT NULL,
    articles BIGINT NOT NULL,
    PRIMARY KEY (grain, status, category_pk, span)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);

-- A server of the version before may be writing: what it commits between the counting and the
-- triggers would never be counted. Readers do not wait for this.
LOCK TABLE articles IN SHARE ROW EXCLUSIVE MODE;

INSERT INTO article_counts (grain, status, category_pk, span, articles)
SELECT 1, status, COALESCE(category_pk, -1), sort_at >> 31, COUNT(*)
FROM articles GROUP BY status, COALESCE(category_pk, -1), sort_at >> 31;
INSERT INTO article_counts (grain, status, category_pk, span, articles)
SELECT 1, status, 0, span, SUM(articles) FROM article_counts GROUP BY status, span;
INSERT INTO article_counts (grain, status, category_pk, span, articles)
SELECT 0, status, category_pk, 0, SUM(articles) FROM article_counts GROUP BY status, category_pk;

-- For each statement and not for each row: a row that is updated again and again in one
-- transaction gets slower each time.
CREATE FUNCTION count_articles() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO article_counts AS kept (grain, status, category_pk, span, articles)
        SELECT place.grain, status, place.category_pk, place.span, COUNT(*)
        FROM entered, LATERAL (VALUES
            (0, 0, 0),
            (0, COALESCE(category_pk, -1), 0),
            (1, 0, sort_at >> 31),
            (1, COALESCE(category_pk, -1), sort_at >> 31)
        ) AS place (grain, category_pk, span)
        GROUP BY place.grain, status, place.category_pk, place.span
        ON CONFLICT (grain, status, category_pk, span)
        DO UPDATE SET articles = kept.articles + excluded.articles;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO article_counts AS kept (grain, status, category_pk, span, articles)
        SELECT place.grain, status, place.category_pk, place.span, -COUNT(*)
        FROM gone, LATERAL (VALUES
            (0, 0, 0),
            (0, COALESCE(category_pk, -1), 0),
            (1, 0, sort_at >> 31),
            (1, COALESCE(category_pk, -1), sort_at >> 31)
        ) AS place (grain, category_pk, span)
        GROUP BY place.grain, status, place.category_pk, place.span
        ON CONFLICT (grain, status, category_pk, span)
        DO UPDATE SET articles = kept.articles + excluded.articles;
    ELSE
        WITH moved AS (
            SELECT status, category_pk, sort_at >> 31 AS span, SUM(step) AS step
            FROM (
                SELECT status, category_pk, sort_at, 1 AS step FROM entered
                UNION ALL
                SELECT status, category_pk, sort_at, -1 FROM gone
            ) AS steps
            GROUP BY status, category_pk, sort_at >> 31
            HAVING SUM(step) <> 0
        )
        INSERT INTO article_counts AS kept (grain, status, category_pk, span, articles)
        SELECT place.grain, status, place.category_pk, place.span, SUM(step)
        FROM moved, LATERAL (VALUES
            (0, 0, 0),
            (0, COALESCE(category_pk, -1), 0),
            (1, 0, moved.span),
            (1, COALESCE(category_pk, -1), moved.span)
        ) AS place (grain, category_pk, span)
        GROUP BY place.grain, status, place.category_pk, place.span
        HAVING SUM(step) <> 0
        ON CONFLICT (grain, status, category_pk, span)
        DO UPDATE SET articles = kept.articles + excluded.articles;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER articles_counted_in AFTER INSERT ON articles
REFERENCING NEW TABLE AS entered
FOR EACH STATEMENT EXECUTE FUNCTION count_articles();
CREATE TRIGGER articles_counted_out AFTER DELETE ON articles
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION count_articles();
CREATE TRIGGER articles_counted_anew AFTER UPDATE ON articles
REFERENCING OLD TABLE AS gone NEW TABLE AS entered
FOR EACH STATEMENT EXECUTE FUNCTION count_articles();
