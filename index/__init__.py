"""Offline half: link list -> snapshot. Start reading at ``build``."""
