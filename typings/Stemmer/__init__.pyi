class Stemmer:
    def __init__(self, algorithm: str, maxCacheSize: int = ...) -> None: ...  # noqa: N803 - upstream's name.
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - as above.
