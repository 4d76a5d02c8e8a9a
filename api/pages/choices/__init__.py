"""What of the data a page shows, as its address asks: a period, and a part of a list."""
