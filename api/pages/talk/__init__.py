"""What is said about proposals: its words, its parts of pages, and the letters that tell of it."""
