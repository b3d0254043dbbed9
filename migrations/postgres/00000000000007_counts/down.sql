DROP TRIGGER articles_counted_anew ON articles;
DROP TRIGGER articles_counted_out ON articles;
DROP TRIGGER articles_counted_in ON articles;
DROP FUNCTION count_articles;
DROP TABLE article_counts;
