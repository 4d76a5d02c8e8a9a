"""Word files: from the package and its XML to the lines and tables of a document."""
