"""Single days of a depot as they were driven, and as a round's plan has them."""
