"""Sign-in by OpenID Connect: people come in with the account that the municipality gave them."""
