"""Files that people hand over and get: CSV, Excel and Parquet, within bounds and with units."""
