"""The page's styles, scripts and frames: the files of ui/assets."""

from importlib import resources


def asset(name: str) -> str:
    """Return the text of a file of ui/assets."""
    return (resources.files("ui") / "assets" / name).read_text("utf-8")
