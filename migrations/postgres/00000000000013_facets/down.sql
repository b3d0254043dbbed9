DROP INDEX articles_filed;
