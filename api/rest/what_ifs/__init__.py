"""What-ifs for programs."""
