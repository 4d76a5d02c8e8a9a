"""How values are said to people: languages, numbers and days as they write them, refusals."""
