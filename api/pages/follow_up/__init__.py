"""The pages of the follow-up of plans: that of a link in a mail, and those of who keeps a plan."""
