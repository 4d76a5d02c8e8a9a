"""Files that people hand over and get: CSV, Excel and Parquet, with bounds, units in names."""
