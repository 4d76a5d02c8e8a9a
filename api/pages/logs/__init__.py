"""The pages of driving logs: the upload, the columns and the report."""
