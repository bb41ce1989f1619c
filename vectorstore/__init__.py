"""Read, split, embed, store and search articles; imports none of the other packages."""
