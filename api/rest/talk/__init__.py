"""Operations on what is said about proposals."""
