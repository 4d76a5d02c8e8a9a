"""PDF files: from the glyphs on a page to lines in reading order."""
