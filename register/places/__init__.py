"""Places as people name them: coordinates in the usual forms, addresses, and depots made larger."""
