CREATE INDEX articles_by_schedule ON articles (published_at) WHERE status = 'scheduled';
DELETE FROM sqlite_stat1;
ANALYZE sqlite_schema;
