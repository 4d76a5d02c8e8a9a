"""Pages of what became of accepted proposals."""
