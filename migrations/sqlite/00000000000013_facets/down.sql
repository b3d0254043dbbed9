DROP INDEX articles_filed;
DELETE FROM sqlite_stat1 WHERE idx = 'articles_filed';
ANALYZE sqlite_schema;
