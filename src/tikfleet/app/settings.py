"""Settings: each is an environment variable `TIKFLEET_…`, some are options of `tikfleet serve` too."""

import ipaddress
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from tikfleet.app.cloud_address import CloudAddresses, cloud_addresses
from tikfleet.app.retention_settings import Retention
from tikfleet.app.warehouse_address import Engine, WarehouseServer, identifier, warehouse_server
from tikfleet.kernel.errors import TikfleetError

_PREFIX = "TIKFLEET_"
Port = Annotated[int, Meta(ge=0, le=65535)]


class SettingsWrong(TikfleetError):
    """A setting can't be understood; the platform does not start."""

    code = "settings.wrong"
    title = "A setting is wrong"
    remedy = "Correct the environment variable that the sentence names."


class Settings(Retention, frozen=True, kw_only=True):
    """Everything that can be chosen. The description of each is its documentation."""

    data: Annotated[str, Meta(description="Directory of everything that is kept: database, telemetry, keys.")] = "data"
    http_host: Annotated[str, Meta(description="Address of the plain HTTP listener (dashboard and API).")] = "127.0.0.1"
    http_port: Annotated[Port, Meta(description="Port of the plain HTTP listener; 0 turns it off.")] = 8080
    https_host: Annotated[str, Meta(description="Address of the HTTPS listener (routers, dashboard, API).")] = "0.0.0.0"  # noqa: S104 - routers must reach it
    https_port: Annotated[Port, Meta(description="Port of the HTTPS listener; 0 turns it off.")] = 8443
    public_url: Annotated[
        str,
        Meta(
            description="Address by which routers reach the platform; by default this machine's own on the HTTPS port."
        ),
    ] = ""
    tls_certificate: Annotated[
        str,
        Meta(
            description="PEM file of a certificate chain that routers trust; without it Tikfleet is its own authority."
        ),
    ] = ""
    tls_key: Annotated[str, Meta(description="PEM file of the private key that belongs to `tls_certificate`.")] = ""
    job_key: Annotated[
        str,
        Meta(
            description="File of the private key that signs jobs, which edges never read; by default "
            "`keys/job-signing.pem` in `data`."
        ),
    ] = ""
    database_url: Annotated[
        str, Meta(description="`postgresql+asyncpg://…` for a PostgreSQL server; by default SQLite in `data`.")
    ] = ""
    trusted_proxies: Annotated[
        str, Meta(description="Networks whose X-Forwarded-For is believed, separated by commas.")
    ] = ""
    metrics_networks: Annotated[
        str, Meta(description="Networks that may read `/metrics`, separated by commas; for others there is none.")
    ] = "127.0.0.0/8, ::1/128"
    callback_networks: Annotated[
        str,
        Meta(
            description="Private networks that callbacks may reach, also by plain HTTP, separated by commas; by "
            "default only the public internet, by HTTPS."
        ),
    ] = ""
    requests_per_minute: Annotated[
        int, Meta(ge=10, le=10_000_000, description="API requests that one credential may make in a minute.")
    ] = 1200
    checkins_per_second: Annotated[
        int,
        Meta(ge=1, le=1_000_000, description="Check-ins taken in a second; routers beyond get a place in a later one."),
    ] = 2000
    checkins_per_device_minute: Annotated[
        int, Meta(ge=1, le=10_000_000, description="Check-ins taken from one router in a minute; more get 429.")
    ] = 120
    job_devices_per_minute: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="Devices that an organisation may ask for a change in a minute; it may set less for itself.",
        ),
    ] = 20_000
    job_devices_per_person_minute: Annotated[
        int, Meta(ge=1, le=1_000_000, description="The same for one person or one API token.")
    ] = 10_000
    job_devices_per_request: Annotated[
        int, Meta(ge=1, le=50_000, description="Devices that one request may ask for a change; more have to be a run.")
    ] = 1_000
    inbox_high_water: Annotated[
        int, Meta(ge=1000, le=100_000_000, description="Reports that may wait to be processed before new ones get 503.")
    ] = 2_000_000
    log_buffer_mb: Annotated[
        int, Meta(ge=1, le=1_000_000, description="MiB of log lines that may wait on disk; beyond, they are dropped.")
    ] = 1024
    syslog_host: Annotated[str, Meta(description="Address of the syslog listeners.")] = "0.0.0.0"  # noqa: S104 - routers must reach it
    syslog_udp_port: Annotated[Port, Meta(description="UDP port for syslog of routers; 0 turns it off.")] = 0
    syslog_tcp_port: Annotated[Port, Meta(description="TCP port for syslog of routers; 0 turns it off.")] = 0
    syslog_tls_port: Annotated[
        Port, Meta(description="TLS port for syslog, with the HTTPS listener's certificate; 0 turns it off.")
    ] = 0
    syslog_tls_clients: Annotated[
        str, Meta(description="PEM file of who vouches for TLS clients that send syslog; by default they show nothing.")
    ] = ""
    warehouse_memory_mb: Annotated[
        int, Meta(ge=256, le=1_000_000, description="Memory that the telemetry engine may use, in MiB.")
    ] = 2048
    warehouse_url: Annotated[
        str,
        Meta(
            description="`clickhouse://user@host:8123/database` or `singlestore://user@host:3306/database` for a "
            "server (`clickhouse+tls://…`, `singlestore+tls://…` with TLS); by default chDB in `data`."
        ),
    ] = ""
    warehouse_password: Annotated[str, Meta(description="Password for the server of `warehouse_url`.")] = ""
    warehouse_password_file: Annotated[str, Meta(description="File that holds that password instead.")] = ""
    warehouse_ca: Annotated[
        str, Meta(description="PEM file that vouches for the server of `warehouse_url`; by default the system's.")
    ] = ""
    warehouse_cluster: Annotated[
        str, Meta(description="Cluster of ClickHouse servers (as in `system.clusters`) that keep copies of each other.")
    ] = ""
    warehouse_sharded: Annotated[bool, Meta(description="Spread devices over the shards of `warehouse_cluster`.")] = (
        False
    )
    flow_ports: Annotated[
        str,
        Meta(
            pattern=r"^([0-9]{1,5}(,[0-9]{1,5})*)?$",
            description="UDP ports where NetFlow and IPFIX are taken, such as `2055`, separated by commas; by default "
            "none.",
        ),
    ] = ""
    flow_host: Annotated[str, Meta(description="Address of those ports.")] = "0.0.0.0"  # noqa: S104 - routers must reach it
    flow_buffer_mb: Annotated[
        int, Meta(ge=1, le=10_000_000, description="MiB of flows that may wait on disk; what comes beyond is dropped.")
    ] = 1024
    place_databases: Annotated[
        str, Meta(description="Files in MaxMind DB format, separated by commas, for countries and networks of flows.")
    ] = ""
    source_per_second: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000_000,
            description="Log lines, and packets of flows, that one sender may send in a second; more are dropped.",
        ),
    ] = 10_000
    device_ports: Annotated[
        str,
        Meta(
            pattern=r"^([0-9]{1,5}-[0-9]{1,5})?$",
            description="Ports such as `20000-20999` that are given to single devices to send to; by default none.",
        ),
    ] = ""
    adapters: Annotated[
        str,
        Meta(
            pattern="^(embedded|aws)$",
            description="`embedded`: everything in `data`; `aws`: each of the five below on AWS, under its usual name.",
        ),
    ] = "embedded"
    blobs_url: Annotated[str, Meta(description="`s3://bucket/prefix` for objects; by default files in `data`.")] = ""
    beside_functions: Annotated[
        bool, Meta(description="Functions read the inbox and do what is due, so a `worker` does only the rest.")
    ] = False
    queue_url: Annotated[
        str, Meta(description="`sqs://prefix` for work that waits (with `adapters=aws`: `sqs://tikfleet`).")
    ] = ""
    cache_url: Annotated[
        str,
        Meta(
            description="`dynamodb://table` for what processes remember together (with `adapters=aws`: "
            "`dynamodb://tikfleet-cache`); by default memory."
        ),
    ] = ""
    inbox_url: Annotated[
        str,
        Meta(
            description="`kinesis://stream` for reports that wait (with `adapters=aws`: `kinesis://tikfleet-inbox`); "
            "by default a file in `data`."
        ),
    ] = ""
    vault_url: Annotated[
        str,
        Meta(
            description="`kms://key`, an id, ARN or `alias/name`, for the key that seals secrets (with `adapters=aws`: "
            "`kms://alias/tikfleet`); by default a file in `data`."
        ),
    ] = ""
    aws_region: Annotated[str, Meta(description="Region of these services; by default as AWS's own settings say.")] = ""
    aws_endpoint: Annotated[
        str, Meta(pattern="^(https?://.+)?$", description="Where all of them answer instead of at AWS.")
    ] = ""
    aws_secrets: Annotated[
        str,
        Meta(description="Secrets of AWS Secrets Manager that functions read more settings from, separated by commas."),
    ] = ""
    s3_endpoint: Annotated[
        str,
        Meta(
            pattern="^(https?://.+)?$",
            description="Where `s3://` answers instead of at AWS: a store of your own that speaks S3.",
        ),
    ] = ""
    s3_encryption: Annotated[
        str,
        Meta(
            pattern="^(|none|AES256|aws:kms(:[A-Za-z0-9:/_-]+)?)$",
            description="Encryption asked for each object: `AES256` (default at AWS), `aws:kms`, `aws:kms:KEY`, or "
            "`none`, the bucket's own (default with `s3_endpoint`).",
        ),
    ] = ""
    edges: Annotated[
        int,
        Meta(
            ge=0,
            le=256,
            description="Edge processes that answer routers; `tikfleet serve` starts them beside itself, 0 is none.",
        ),
    ] = 0
    slow_query_ms: Annotated[
        int, Meta(ge=1, le=3_600_000, description="Telemetry questions that take so long are logged, by their shape.")
    ] = 1000
    disk_reserve_mb: Annotated[
        int, Meta(ge=0, le=10_000_000, description="Free MiB in `data` below which `/readyz` says not ready.")
    ] = 64
    otlp_endpoint: Annotated[
        str,
        Meta(
            pattern="^(https?://.+)?$",
            description="OpenTelemetry collector that traces go to, such as `http://localhost:4318`; by default none.",
        ),
    ] = ""
    trace_checkins_one_in: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Trace one in so many requests of routers; 0 traces none.")
    ] = 0
    log_level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$", description="What is logged at least.")] = (
        "info"
    )
    log_json: Annotated[bool, Meta(description="Log lines as JSON; by default only when not on a terminal.")] = False
    demonstration: Annotated[bool, Meta(description="The dashboard says that this is a demonstration.")] = False

    @property
    def directory(self) -> Path:
        """`data` as an absolute path."""
        return Path(self.data).absolute()

    @property
    def warehouse_server(self) -> WarehouseServer | None:
        """The server that keeps telemetry; None where it is kept in `data`."""
        return warehouse_server(self.warehouse_url) if self.warehouse_url else None

    @property
    def cloud(self) -> CloudAddresses:
        """The services of AWS that stand behind ports. Raises ValueError."""
        urls = {
            "blobs": self.blobs_url,
            "queue": self.queue_url,
            "cache": self.cache_url,
            "inbox": self.inbox_url,
            "vault": self.vault_url,
        }
        return cloud_addresses(urls, aws=self.adapters == "aws")

    @property
    def agent_url(self) -> str:
        """The address that routers use, without a slash at its end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        if self.https_port:
            return f"https://{own_address()}:{self.https_port}"
        return f"http://{own_address()}:{self.http_port}"

    @property
    def flow_port_numbers(self) -> list[int]:
        """`flow_ports` as numbers. Raises ValueError when one is none."""
        ports = [int(part) for part in self.flow_ports.split(",") if part]
        if any(not 0 < port < 65_536 for port in ports):  # noqa: PLR2004 - the ports that there are
            raise ValueError("flow_ports are ports, such as 2055,4739")
        return ports

    @property
    def device_port_range(self) -> range:
        """`device_ports` as ports. Raises ValueError when there are none such."""
        first, _, last = self.device_ports.partition("-")
        found = range(int(first), int(last) + 1) if last else range(0)
        if last and not (found and 0 < found[0] <= found[-1] < 65_536):  # noqa: PLR2004 - the ports that there are
            raise ValueError("device_ports is a range of ports, such as 20000-20999")
        return found

    @property
    def has_public_certificate(self) -> bool:
        """Whether routers trust the server without its own authority."""
        return bool(self.tls_certificate) or (bool(self.public_url) and not self.https_port)

    @property
    def proxies(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """`trusted_proxies` as networks."""
        return _networks(self.trusted_proxies)

    @property
    def metrics_readers(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """`metrics_networks` as networks."""
        return _networks(self.metrics_networks)

    @property
    def callback_receivers(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """`callback_networks` as networks."""
        return _networks(self.callback_networks)


def load_settings(environment: Mapping[str, str], **options: Any) -> Settings:
    """Settings from `TIKFLEET_…` variables; options that are not None win. Raises SettingsWrong."""
    values: dict[str, Any] = {
        name: environment[_PREFIX + name.upper()]
        for name in Settings.__struct_fields__
        if environment.get(_PREFIX + name.upper())
    }
    values |= {name: value for name, value in options.items() if value is not None}
    unknown = sorted(
        name
        for name in environment
        if name.startswith(_PREFIX) and name[len(_PREFIX) :].lower() not in {*Settings.__struct_fields__, *_CLIENT}
    )
    if unknown:
        raise SettingsWrong(f"there is no setting {unknown[0]}")
    try:
        settings = msgspec.convert(values, Settings, strict=False)
        _ = settings.proxies, settings.metrics_readers, settings.callback_receivers
        _ = settings.device_port_range, settings.flow_port_numbers, settings.cloud
        _require_whole_warehouse(settings)
    except (msgspec.ValidationError, ValueError) as cause:
        raise SettingsWrong(f"{cause} (environment variables begin with {_PREFIX})") from cause
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        raise SettingsWrong("tls_certificate and tls_key go together")
    if not settings.http_port and not settings.https_port:
        raise SettingsWrong("http_port and https_port are both 0, so nothing would listen")
    return settings


def _require_whole_warehouse(settings: Settings) -> None:
    server = settings.warehouse_server
    if settings.warehouse_cluster:
        identifier(settings.warehouse_cluster)
        if server is None or server.engine is not Engine.CLICKHOUSE:
            raise ValueError("warehouse_cluster goes with a clickhouse:// warehouse_url")
    if settings.warehouse_sharded and not settings.warehouse_cluster:
        raise ValueError("warehouse_sharded needs warehouse_cluster")
    if settings.warehouse_password and settings.warehouse_password_file:
        raise ValueError("warehouse_password and warehouse_password_file are two answers to one question")


def _networks(text: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]


def own_address() -> str:
    """The address of this machine in its network, or 127.0.0.1 where it has none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


# Variables of the command-line client, and of tests, which are not the server's.
_CLIENT = {
    "url",
    "token",
    "ca",
    "corpora",
    "config",
    "key",
    "router_password",
    "backup_passphrase",
    "test_clickhouse",
    "test_singlestore",
}
