"""Fits what ships with Footnote as weights; never imported by it."""
