"""What can go wrong with the binary API. No message holds a word that was sent: a command can carry a password."""


class ApiError(Exception):
    """Everything that this package raises about the other side."""


class ProtocolError(ApiError):
    """The other side sent what the API does not allow, or more than we accept. The connection is of no more use."""
