"""The pages of the audit log: who did what, and who looked at which vehicles' tracks."""
