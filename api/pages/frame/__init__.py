"""What all pages share: protection, forms, languages' cookies, files, the drawing of a page."""
