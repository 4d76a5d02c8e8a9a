"""How people and programs reach the system: command line, JSON interface and pages."""
