"""Who may send, what is plausible, and what is said of what is refused."""
