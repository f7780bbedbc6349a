class error(Exception): ...  # noqa: N801 - upstream's name.

class Options:
    log_errors: bool
    never_capture: bool
    max_mem: int

class Set:
    @classmethod
    def SearchSet(cls, options: Options | None = ...) -> Set: ...  # noqa: N802 - upstream's name.
    def Add(self, pattern: str) -> int: ...  # noqa: N802 - upstream's name.
    def Compile(self) -> None: ...  # noqa: N802 - upstream's name.
    def Match(self, text: str) -> list[int] | None: ...  # noqa: N802 - upstream's name.
