"""How vehicles are used: one device a day, one vehicle a period, the fleet together."""
