"""What is worked out beside an answer: sensitivity, curve, charging and backtest."""
