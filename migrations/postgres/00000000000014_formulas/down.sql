-- Is read again as it was read before.
INSERT INTO index_queue (article_pk)
SELECT pk FROM articles
WHERE (
    title ~ '[₀-₉]' OR summary ~ '[₀-₉]'
    OR pk IN (SELECT article_pk FROM article_bodies WHERE blocks ~ '[₀-₉]')
) AND pk NOT IN (SELECT article_pk FROM index_queue);
