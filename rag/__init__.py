"""Online half: question -> answer with citations. ``Assistant.open(data).ask(question)``."""
