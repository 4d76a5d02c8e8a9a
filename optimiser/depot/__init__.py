"""One depot's problem, its answer, and that answer as single decisions."""
