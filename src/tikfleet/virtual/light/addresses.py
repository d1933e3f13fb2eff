"""An address for each router on the loopback, by which a server on the same machine tells them apart."""

import socket


def own_address(index: int) -> str:
    """One of 127.64.0.0/10."""
    return f"127.{64 + (index >> 16) % 64}.{index >> 8 & 255}.{index & 255}"


def may_be_bound() -> bool:
    """Whether this system has them: Linux has, others have one address unless they are told otherwise."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((own_address(0), 0))
        except OSError:
            return False
    return True
