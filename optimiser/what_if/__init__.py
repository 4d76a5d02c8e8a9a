"""What-ifs: named sets of changes that are solved beside a round and compared with it."""
