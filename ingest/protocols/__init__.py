"""Wire formats: pure decoders from bytes to positions, or to a reason for refusing them."""
