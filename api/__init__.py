"""The ways in for people and programs: command line, JSON interface and pages."""
