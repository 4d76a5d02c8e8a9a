"""The parts that all pages share: protection, forms, languages, files, periods, rendering."""
