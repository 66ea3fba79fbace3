"""``python -m index`` is ``citeback rebuild``."""

from index.cli import rebuild

if __name__ == "__main__":
    rebuild(prog_name="python -m index")
