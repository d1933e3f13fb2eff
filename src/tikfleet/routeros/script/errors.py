"""What is wrong with a script, in the words that RouterOS uses."""


class FormTooLarge(ValueError):
    """A short script may have an endless form, since a flag repeats the value before it."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the intermediate form has more than {limit} characters")


class ScriptError(ValueError):
    """RouterOS would refuse the script: where, counted from 1 in bytes, and its own reason."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(f"{reason} (line {line} column {column})")
        self.line = line
        self.column = column
        self.reason = reason
