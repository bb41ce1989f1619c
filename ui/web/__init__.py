"""The web page, and what the same process serves to other programs."""
