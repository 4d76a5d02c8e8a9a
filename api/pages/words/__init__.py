"""What is said to people: languages, numbers and days as they write them, labels, refusals."""
