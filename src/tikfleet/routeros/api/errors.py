"""What can go wrong with the binary API. No message holds a word that was sent: a command can carry a password."""


class ApiError(Exception):
    """Everything that this package raises about the other side."""


class ProtocolError(ApiError):
    """The other side sent what the API does not allow, or more than we accept. The connection is of no more use."""


class Trap(ApiError):
    """The router refused a command (`!trap`) or was interrupted in it. The connection goes on.

    `text` is the router's own; `category` is its number: 0 missing item or command, 1 argument value, 2 interrupted,
    3 scripting, 4 general, 5 API, 6 terminal, 7 value of `:return`, `None` when it gave none.
    """

    def __init__(self, text: str, category: int | None = None, command: str = "") -> None:
        super().__init__(f"{command}: {text}" if command else text)
        self.text = text
        self.category = category
        self.command = command


class LoginRefused(ApiError):
    """The router does not let this user in, by the router's own words."""


class ConnectionLost(ApiError):
    """There is no connection (any more). A command that was under way may have run."""


class Fatal(ConnectionLost):
    """The router ended the connection and said why (`!fatal`)."""


class TimedOut(ApiError):
    """No answer in time. The command was asked to stop and may have run; the connection goes on."""


class Overrun(ApiError):
    """Rows of a stream came faster than they were read: some are missing, so the stream was ended."""
