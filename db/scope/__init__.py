"""The scope of a department's head: what connections may read, below all statements"""
