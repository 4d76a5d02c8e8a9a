"""The inventory: what is registered of each vehicle, its changes, and lists of them from files."""
