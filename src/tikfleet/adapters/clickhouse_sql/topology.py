"""How fact tables lie on servers: on one, as copies on some, or in shards that each hold some devices' rows.

In shards, rows and their rollups stand side by side in local tables, and a table of the plain name asks them all.
"""

from typing import Final

import msgspec

DATABASE: Final = "tikfleet"
REPLAYS: Final = 1000
_WEEK_S: Final = 7 * 86_400


class Topology(msgspec.Struct, frozen=True):
    """Without a cluster: one server. The names are identifiers, checked where settings are read."""

    database: str = DATABASE
    cluster: str = ""
    sharded: bool = False

    @property
    def on_cluster(self) -> str:
        """The clause by which a definition reaches every server."""
        return f" ON CLUSTER {self.cluster}" if self.cluster else ""

    def local(self, name: str) -> str:
        """The table, with its database, that holds the rows of `name` on each server."""
        return f"{self.database}.{name}_local" if self.sharded else f"{self.database}.{name}"

    def asked(self, name: str) -> str:
        """The table, with its database, that answers for all rows of `name`."""
        return f"{self.database}.{name}"

    def engine(self, name: str) -> str:
        """The engine of a table that holds rows, such as `MergeTree`."""
        if not self.cluster:
            return name
        return f"Replicated{name}('/clickhouse/tables/{{shard}}/{{database}}/{{table}}', '{{replica}}')"

    def window(self) -> str:
        """The settings by which a table knows the last batches again."""
        if not self.cluster:
            return f"non_replicated_deduplication_window = {REPLAYS}"
        return f"replicated_deduplication_window = {REPLAYS * 10}, replicated_deduplication_window_seconds = {_WEEK_S}"

    def spread(self, name: str, key: str) -> str:
        """The statement that makes the table which asks all shards; rows go to them by `key`."""
        return (
            f"CREATE TABLE IF NOT EXISTS {self.asked(name)}{self.on_cluster} AS {self.local(name)} "
            f"ENGINE = Distributed('{self.cluster}', '{self.database}', '{name}_local', {key})"
        )
