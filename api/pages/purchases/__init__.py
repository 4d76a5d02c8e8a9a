"""Pages of purchases and disposals: the principles, requests for vehicles, and the register."""
