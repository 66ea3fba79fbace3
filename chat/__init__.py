"""What the chat shows, as small functions from records to escaped HTML. Start reading at ``draw``."""
