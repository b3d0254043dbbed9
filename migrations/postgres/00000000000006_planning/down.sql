CREATE INDEX articles_by_schedule ON articles (published_at) WHERE status = 'scheduled';
