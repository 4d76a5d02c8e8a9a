"""What became of accepted proposals: tasks, and what is saved against what was promised."""
