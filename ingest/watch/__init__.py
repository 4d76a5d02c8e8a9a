"""What ingest counts, and what it says when something fails or is away."""
