"""Pages of what-ifs: asking one, the list of them, and the answer beside the round."""
