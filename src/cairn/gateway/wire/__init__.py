"""Wire formats of language models, each in both directions: bytes on one side, our own words on the other."""
