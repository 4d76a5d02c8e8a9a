"""What a vehicle costs and emits: sourced assumptions, the catalogue, and one calculation."""
