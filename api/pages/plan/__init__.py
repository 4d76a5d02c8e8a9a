"""The plan and its milestones."""
