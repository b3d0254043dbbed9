-- How many articles there are, so that nobody counts them: by status and category, of all times
-- and by stretches of time. Kept by triggers, so that nothing that writes can forget it. Rows of
-- what is gone stay, with 0: there are no more of them than of statuses, categories and spans.
CREATE TABLE article_counts (
    -- 0: of all times, under span 0. 1: of one span.
    grain BIGINT NOT NULL CHECK (grain IN (0, 1)),
    status TEXT NOT NULL,
    -- 0 for all articles, -1 for those without a category.
    category_pk BIGINT NOT NULL,
    -- Some 25 days: sort_at without its lowest 31 bits.
    span BIGINT NOT NULL,
    articles BIGINT NOT NULL,
    PRIMARY KEY (grain, status, category_pk, span)
) WITHOUT ROWID;

INSERT INTO article_counts (grain, status, category_pk, span, articles)
SELECT 1, status, COALESCE(category_pk, -1), sort_at >> 31, COUNT(*)
FROM articles GROUP BY status, COALESCE(category_pk, -1), sort_at >> 31;
INSERT INTO article_counts (grain, status, category_pk, span, articles)
SELECT 1, status, 0, span, SUM(articles) FROM article_counts GROUP BY status, span;
INSERT INTO article_counts (grain, status, category_pk, span, articles)
SELECT 0, status, category_pk, 0, SUM(articles) FROM article_counts GROUP BY status, category_pk;

CREATE TRIGGER articles_counted_in AFTER INSERT ON articles
BEGIN
    INSERT INTO article_counts (grain, status, category_pk, span, articles)
    VALUES
        (0, NEW.status, 0, 0, 1),
        (0, NEW.status, COALESCE(NEW.category_pk, -1), 0, 1),
        (1, NEW.status, 0, NEW.sort_at >> 31, 1),
        (1, NEW.status, COALESCE(NEW.category_pk, -1), NEW.sort_at >> 31, 1)
    ON CONFLICT (grain, status, category_pk, span)
    DO UPDATE SET articles = articles + excluded.articles;
END;

CREATE TRIGGER articles_counted_out AFTER DELETE ON articles
BEGIN
    INSERT INTO article_counts (grain, status, category_pk, span, articles)
    VALUES
        (0, OLD.status, 0, 0, -1),
        (0, OLD.status, COALESCE(OLD.category_pk, -1), 0, -1),
        (1, OLD.status, 0, OLD.sort_at >> 31, -1),
        (1, OLD.status, COALESCE(OLD.category_pk, -1), OLD.sort_at >> 31, -1)
    ON CONFLICT (grain, status, category_pk, span)
    DO UPDATE SET articles = articles + excluded.articles;
END;

CREATE TRIGGER articles_counted_anew AFTER UPDATE OF status, category_pk, sort_at ON articles
WHEN (OLD.status, OLD.category_pk, OLD.sort_at >> 31)
    IS NOT (NEW.status, NEW.category_pk, NEW.sort_at >> 31)
BEGIN
    INSERT INTO article_counts (grain, status, category_pk, span, articles)
    VALUES
        (0, OLD.status, 0, 0, -1),
        (0, OLD.status, COALESCE(OLD.category_pk, -1), 0, -1),
        (1, OLD.status, 0, OLD.sort_at >> 31, -1),
        (1, OLD.status, COALESCE(OLD.category_pk, -1), OLD.sort_at >> 31, -1),
        (0, NEW.status, 0, 0, 1),
        (0, NEW.status, COALESCE(NEW.category_pk, -1), 0, 1),
        (1, NEW.status, 0, NEW.sort_at >> 31, 1),
        (1, NEW.status, COALESCE(NEW.category_pk, -1), NEW.sort_at >> 31, 1)
    ON CONFLICT (grain, status, category_pk, span)
    DO UPDATE SET articles = articles + excluded.articles;
END;

-- As in the migration `planning`: what the planner takes the table for.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('article_counts', 'article_counts', '20000 10000 5000 100 1');
ANALYZE sqlite_schema;
