"""The pages of the plan and its milestones."""
