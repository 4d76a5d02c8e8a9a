"""Group commit: stores positions of many senders in one COPY, and then answers each of them."""
