"""Rounds of proposals: people request them, and workers plan and study them part by part."""
