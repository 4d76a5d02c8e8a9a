"""What vehicles are called by people: how they are found by it."""
