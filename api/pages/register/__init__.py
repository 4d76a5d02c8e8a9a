"""The pages of the vehicle register: the list, a vehicle's entry, many at once, and lists from
files."""
