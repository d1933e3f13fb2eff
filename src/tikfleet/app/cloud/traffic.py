"""What one check-in is to the services behind it: bytes, calls and time, measured or assumed."""

import msgspec


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """Per check-in. `python -m bench.cloud` measures the bytes, and prints these figures again.

    Processor times are of docs/performance.md (`bench.checkins`, `bench.pipeline` with 10,000 routers).
    """

    # Measured: a report of 7 interfaces by a router of tier A, its answer, and what stands in the inbox.
    request_bytes: int = 2_727
    answer_bytes: int = 168
    inbox_bytes: int = 618
    answer_cpu_ms: float = 0.067
    processing_cpu_ms: float = 0.344
    # Measured with a certificate of our own; AWS's chain of certificates is longer, hence the assumption beside it.
    handshake_in_bytes: int = 597
    handshake_out_bytes: int = 1_798
    # Assumed: nothing here can measure them.
    chain_bytes: int = 3_000
    store_wait_ms: float = 10.0
    session_reads: float = 1.0
    database_io: float = 1.0
    batch: int = 500

    @property
    def in_bytes(self) -> int:
        """From the router, with the handshake that each check-in makes."""
        return self.request_bytes + self.handshake_in_bytes

    @property
    def out_bytes(self) -> int:
        """To the router, with the certificates that it is shown each time."""
        return self.answer_bytes + self.handshake_out_bytes + self.chain_bytes


MEASURED = Traffic()
