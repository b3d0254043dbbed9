DROP TABLE former_paths;
