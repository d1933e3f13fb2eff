"""What one check-in is to the services behind it: bytes, calls and time, measured or assumed."""

from typing import Final

import msgspec

# What routers are shown beyond a certificate of our own: an ECDSA leaf and one intermediate, as `python -m bench.cloud`
# measures it; RSA chains of public authorities, by memory of them.
ECDSA_CHAIN_BYTES: Final = 1_124
RSA_CHAIN_BYTES: Final = 3_000


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """Per check-in. `python -m bench.cloud` measures the bytes, and prints these figures again.

    Processor times are of docs/performance.md (`bench.checkins`, `bench.pipeline` with 10,000 routers). Calls, the
    function's time and the log of states are of `tests/contract/test_functions.py`, which holds them.
    """

    # Measured: a report of 7 interfaces by a router of tier A, its answer, and what stands in the inbox.
    request_bytes: int = 2_727
    answer_bytes: int = 168
    inbox_bytes: int = 618
    # In a container (`python -m bench.container`), where what comes at once is put into the stream with one call; in a
    # function each goes by itself.
    container_cpu_ms: float = 0.4
    container_call_cpu_ms: float = 3.0
    gather_ms: float = 200.0
    function_cpu_ms: float = 2.8
    stream_calls: float = 1.0
    processing_cpu_ms: float = 0.344
    # PostgreSQL's log for a last state, in a transaction of a hundred and more.
    state_log_bytes: int = 960
    # Measured with a certificate of our own; public chains are longer, hence what stands beside it.
    handshake_in_bytes: int = 597
    handshake_out_bytes: int = 1_798
    chain_bytes: int = RSA_CHAIN_BYTES
    # Assumed: nothing here can measure them.
    store_wait_ms: float = 10.0
    stretch_wait_ms: float = 50.0

    @property
    def in_bytes(self) -> int:
        """From the router, with the handshake that each check-in makes."""
        return self.request_bytes + self.handshake_in_bytes

    @property
    def out_bytes(self) -> int:
        """To the router, with the certificates that it is shown each time."""
        return self.answer_bytes + self.handshake_out_bytes + self.chain_bytes


MEASURED = Traffic()


def with_chain(traffic: Traffic, kind: str) -> Traffic:
    """The same behind a certificate of that kind: `rsa` or `ecdsa`."""
    chain = {"rsa": RSA_CHAIN_BYTES, "ecdsa": ECDSA_CHAIN_BYTES}[kind]
    return msgspec.structs.replace(traffic, chain_bytes=chain)
