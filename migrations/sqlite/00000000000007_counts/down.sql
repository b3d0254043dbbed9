DROP TRIGGER articles_counted_anew;
DROP TRIGGER articles_counted_out;
DROP TRIGGER articles_counted_in;
DROP TABLE article_counts;
