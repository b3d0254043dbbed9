-- Marks that spell a word are part of it from now on, and pairs of signs have lists of their own: what
-- is written in such languages is read again.
INSERT INTO index_queue (article_pk)
SELECT pk FROM articles
WHERE rtrim(lower(substr(language, 1, 3)), '-') IN (
    'ja', 'zh', 'yue', 'th', 'lo', 'my', 'km', 'hi', 'mr', 'ne', 'sa', 'bho', 'mai', 'kok', 'doi',
    'brx', 'bn', 'as', 'pa', 'gu', 'or', 'ta', 'te', 'kn', 'ml', 'si', 'bo', 'dz', 'dv', 'mni', 'sat'
) AND pk NOT IN (SELECT article_pk FROM index_queue);
