"""A small web of hand-written pages and behaviours, served over real HTTP on this machine."""
