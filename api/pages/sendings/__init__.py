"""The pages of what waits for a person's answer, and of proposals that are sent to heads."""
