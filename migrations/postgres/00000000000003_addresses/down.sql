DROP TABLE unfinished;
DROP TABLE former_paths;
