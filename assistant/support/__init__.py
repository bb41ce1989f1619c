"""Is a claim supported by the sentences that it cites? By rule for its facts, by likeness or inference for the rest."""
