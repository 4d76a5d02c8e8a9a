"""The pages by which people come in, and those on who may: sign-in, accounts, tokens."""
