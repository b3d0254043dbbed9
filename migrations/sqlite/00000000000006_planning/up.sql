-- The index by date serves as well: what is scheduled is sorted by its date.
DROP INDEX articles_by_schedule;

-- What SQLite's planner takes a publication for, whatever its size: a large one. Figures of its own
-- would be those of a time when it was small, and without any the planner takes those that are
-- published for few, and reads through all of them to find twenty by their rows.
ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('articles', 'articles_by_date', '100000 50000 1 1'),
    ('articles', 'articles_by_category', '100000 50000 5000 1 1'),
    ('articles', 'articles_by_title', '100000 50000 1 1'),
    ('articles', 'articles_by_change', '100000 50000 1 1'),
    ('articles', 'articles_of_any_status', '100000 1 1'),
    ('articles', 'sqlite_autoindex_articles_1', '100000 1'),
    ('articles', 'sqlite_autoindex_articles_2', '100000 1'),
    ('articles', 'sqlite_autoindex_articles_3', '100000 1'),
    ('article_bodies', NULL, '100000'),
    ('article_authors', 'article_authors', '120000 2 1'),
    ('article_authors', 'article_authors_by_author', '120000 120 1'),
    ('article_tags', 'article_tags', '250000 3 1'),
    ('article_tags', 'article_tags_by_tag', '250000 100 1'),
    ('index_documents', NULL, '100000'),
    ('index_postings', 'index_postings', '5000000 20 15 1'),
    ('index_stems', 'index_stems', '200000 100000 2 1'),
    ('related_lists', 'related_lists', '100000 2 1');
ANALYZE sqlite_schema;
