"""Studies of a plan: sensitivity, curve of cost against CO2e, charging and backtest."""
