"""The whole service under what one sender, file or killed process may do to it."""
