"""The status of a quarter of a plan for the committee, and the reports of it that were kept."""
