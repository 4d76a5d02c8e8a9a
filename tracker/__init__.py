"""The plan: programmes, initiatives, milestones by quarter, their status and notes."""
