"""What tests of several rooms build: servers, senders, vehicles, a pilot."""
