class Stemmer:
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - upstream's name.

def stemmer(lang: str) -> Stemmer: ...
