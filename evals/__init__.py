"""Measures Footnote: question sets with known answers, one metric a function, every mean with its count."""
