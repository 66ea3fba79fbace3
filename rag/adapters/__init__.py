"""Retrievers for other frameworks, each in a file of its own and behind an extra of its own name."""
