"""The follow-up of a plan in a quarter: owners answer by a link in a mail, without an account."""
