"""Tests of sign-in by OpenID Connect, without a provider."""
