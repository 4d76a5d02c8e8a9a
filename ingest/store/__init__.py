"""Group commit: many senders, one COPY, and an answer to each after the commit."""
