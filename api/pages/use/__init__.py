"""The pages of the use of the fleet, and of closing days."""
