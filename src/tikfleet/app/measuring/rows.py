"""A fleet's check-ins, made inside the engine: plausible, seeded, and no easier to compress than the real thing.

Each device has a board, a version with one upgrade, reboots, a daily curve of load and traffic, jitter in its times,
and sections that it does not report. `murmurHash3_64` of device and number is the noise.
"""

from typing import Final

MINUTE_MS: Final = 60_000
ORG: Final = "org_01m3k5x0v7q2a9bc"


def device(number: int) -> str:
    """The id of a device."""
    return f"dev_01m3k5x0v7{number:06d}"


_INSERT: Final = """
INSERT INTO tikfleet.site_checkins
WITH
    intDiv(number, {count}) AS d,
    {first} + number % {count} AS k,
    murmurHash3_64(d, 1) AS dh,
    murmurHash3_64(d, k) AS h,
    toInt64(h % 12000) - 6000 AS jitter,
    toInt64(murmurHash3_64(d, k - 1) % 12000) - 6000 AS jitter_before,
    toInt64({start_ms} + k * {MINUTE_MS} + dh % {MINUTE_MS} + jitter) AS at,
    (60000 + jitter - jitter_before) / 1000 AS every,
    sin(k / 1440 * 2 * pi() + (dh % 100) / 50) AS daily,
    10000 + dh % 30000 AS boot_period,
    intDiv(k + dh % 40000, boot_period) AS boot,
    (k + dh % 40000) % boot_period AS since_boot,
    dh % 8 AS kind,
    [4, 4, 2, 1, 4, 1, 16, 4][kind + 1] AS cores,
    [1024, 1024, 256, 64, 512, 128, 16384, 256][kind + 1] AS memory_mib,
    exp(11 + 4 * (dh % 1000) / 1000 + 1.2 * daily + 2.5 * (bitShiftRight(h, 20) % 10000) / 10000) AS load_bytes
SELECT
    '{ORG}', 'dev_01m3k5x0v7' || leftPad(toString(d), 6, '0'), 'sit_01m3k5x0v7' || leftPad(toString(d), 6, '0'),
    fromUnixTimestamp64Milli(at, 'UTC'), lower(hex(murmurHash3_64(d, boot, 7))), since_boot + 1,
    toUInt32(since_boot * 60 + 41 + jitter / 1000), toInt32(dh % 5) - 2 + (h % 100 = 0),
    cores,
    if(bitShiftRight(h, 8) % 97 = 0, 60 + bitShiftRight(h, 12) % 40,
        greatest(0, toInt32(6 + dh % 20 + 9 * daily + bitShiftRight(h, 12) % 9))),
    [1400, 1400, 716, 400, 1400, 650, 2000, 896][kind + 1],
    memory_mib * 1048576,
    toUInt64(memory_mib * 1048576 * (0.45 + (dh % 30) / 100)) - 4096 * (bitShiftRight(h, 24) % 600)
        - since_boot * 16,
    [1024, 1024, 128, 16, 128, 128, 512, 16][kind + 1] * 1048576,
    [800, 800, 96, 2, 90, 100, 400, 1][kind + 1] * 1048576 - 4096 * intDiv(k, 700),
    if(k > 2000 + dh % 9000, '7.20.4', ['7.16.2', '7.18', '7.19.6', '6.49.18'][1 + bitShiftRight(dh, 8) % 4]),
    ['RB5009UG+S+', 'L009UiGS', 'hAP ac^2', 'hEX lite', 'hAP ax^3', 'mAP', 'CCR2116', 'hAP lite'][kind + 1],
    ['RB5009UG+S+IN', 'L009UiGS-2HaxD', 'RBD52G-5HacD2HnD', 'RB750r2', 'C53UiG+5HPaxD2HPaxD', 'RBmAP2nD',
     'CCR2116-12G-4S+', 'RB941-2nD'][kind + 1],
    ['arm64', 'arm', 'arm', 'mipsbe', 'arm64', 'mipsbe', 'arm64', 'smips'][kind + 1],
    if(kind IN (2, 3, 5, 7), NULL, 41 + dh % 9 + round(3 * daily) + bitShiftRight(h, 30) % 2),
    if(kind IN (0, 1, 6), 23.8 + (bitShiftRight(h, 33) % 4) / 10, NULL),
    if(kind IN (1, 2, 4, 5, 7), greatest(0, toInt32(dh % 30 + 8 * daily + bitShiftRight(h, 36) % 3)), NULL),
    greatest(0, toInt32(dh % 60 + 12 * daily + intDiv(k, 7) % 2)),
    if(dh % 20 = 0, 40 + bitShiftRight(h, 40) % 5, NULL),
    [10, 9, 7, 5, 7, 3, 18, 5][kind + 1], [6, 5, 4, 3, 5, 2, 9, 3][kind + 1] + (bitShiftRight(h, 44) % 200 = 0),
    toUInt64(load_bytes * 9), toUInt64(load_bytes * (1 + (bitShiftRight(h, 50) % 100) / 50)),
    every,
    if(dh % 10 = 3, -95 + toInt32(bitShiftRight(h, 55) % 14), NULL),
    bitShiftRight(h, 58) % 64 = 0
FROM numbers({rows})
SETTINGS max_insert_block_size = 20000000, min_insert_block_size_rows = 20000000, min_insert_block_size_bytes = 0,
    max_block_size = 1000000, max_threads = 2, max_insert_threads = 1, max_memory_usage = 0
"""


def insert(devices: int, first: int, count: int, start_ms: int) -> str:
    """The statement that inserts reports `first` until `first + count` of each device: k is k minutes after start."""
    return _INSERT.format(
        rows=devices * count, first=first, count=count, start_ms=start_ms, MINUTE_MS=MINUTE_MS, ORG=ORG
    )
