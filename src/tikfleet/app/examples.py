"""Examples for the API's description: what a body or an answer looks like, made from its schema."""

from typing import Any, Final

_IDS: Final = {
    "site_id": "sit", "site_group_id": "grp", "device_id": "dev", "enrolment_key_id": "key", "key_id": "key",
    "job_id": "job", "batch_id": "bat", "organisation_id": "org", "parent_id": "org", "person_id": "per",
    "query_id": "qry", "subject_id": "job",
}  # fmt: skip
_KINDS: Final = {
    "Site": "sit", "SiteRef": "sit", "SiteGroup": "grp", "DeviceSummary": "dev", "DeviceDetail": "dev",
    "EventView": "evt", "EnrolmentKey": "key", "NewEnrolmentKey": "key", "EnrolmentAttempt": "enr", "CreatedBy": "per",
    "JobActor": "per", "LibraryPerson": "per", "LibraryView": "lib", "RunPerson": "per", "RunView": "run",
    "QueryPerson": "per", "SavedQueryView": "qry", "QueryResultView": "qrs", "CallbackView": "cbk",
}  # fmt: skip
_BODY: Final = "01m3k5x0v7q2a9bc"
_AT: Final = "2026-11-23T04:20:11.000Z"
_TEXTS: Final = {
    "identity": "branch-042", "device_name": "branch-042", "name": "branch-042", "serial": "HE108X6FZ1Q",
    "board": "hAP ax²", "board_name": "hAP ax²", "model": "C52iG-5HaxD2HaxD", "architecture": "arm64",
    "version": "7.20.1", "firmware": "7.20.1", "factory_firmware": "7.5", "upgrade_firmware": "7.20.1",
    "wan_address": "203.0.113.24", "last_address": "203.0.113.24", "source_address": "203.0.113.24",
    "address": "Brīvības iela 1, Riga", "agent_tier": "A", "agent_version": "1.1.0", "email": "ada@acme.example",
    "interface": "ether1", "mac_address": "48:A9:8A:01:02:03", "type": "ether", "ssid": "a",
    "platform": "MikroTik",
    "cpu": "ARM64", "license_level": "4", "software_id": "QX1A-7ZZ1", "device_mode": "home", "unit": "percent",
    "label": "Processor load", "metric": "cpu_load", "resolution": "raw", "key": "7.20.1", "prefix": "tfe_4kQzR1",
    "secret": "tfe_…", "csrf_token": "…", "severity": "warning", "code": "device.duplicate-serial",
    "text": "branch-042 came online", "remedy": "Approve it if it is the same router.", "timezone": "Europe/Riga",
    "public_url": "https://fleet.acme.example", "agent_url": "https://fleet.acme.example", "kind": "device.online",
    "next_cursor": "WyJicmFuY2gtMDQyIiwiZGV2XzAxbTNrNXgwdjdxMmE5YmMiXQ", "description": "Nightly", "notes": "",
    "discovered_by": "mndp", "script": ":put hello", "output": "hello", "reason": "", "comment": "", "error": "",
    "note": "handed to the device", "last_link_up_at": _AT, "router_time": "2026-11-23 06:20:11",
    "since": _AT, "until": _AT, "from": _AT, "to": _AT, "operator": "", "technology": "", "band": "",
    "registration_status": "",
}  # fmt: skip
_SHORT: Final = 6


class Examples:
    """Writes one example into each JSON body and answer. `schemas` are the document's components."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas

    def add_to(self, operation: dict[str, Any]) -> None:
        """Give the operation's body and its answers their examples."""
        for part in [operation.get("requestBody", {}), *operation["responses"].values()]:
            for kind, content in part.get("content", {}).items():
                if kind == "application/json" and content.get("schema"):
                    content["example"] = self.of(content["schema"])

    def of(self, schema: dict[str, Any], name: str = "", owner: str = "", depth: int = 0) -> Any:
        """A value that the schema admits. `name` is the field that it stands in, `owner` the type around it."""
        if reference := schema.get("$ref"):
            owner = reference.rpartition("/")[2]
            return self.of(self._schemas[owner], name, owner, depth + 1)
        for key in ("const", "example"):
            if key in schema:
                return schema[key]
        if found := schema.get("examples") or schema.get("enum"):
            return found[0] if isinstance(found, list) else next(iter(found.values()))["value"]
        if forms := schema.get("oneOf") or schema.get("anyOf"):
            form = next((one for one in forms if one.get("type") != "null"), forms[0])
            return None if depth > _SHORT else self.of(form, name, owner, depth)
        return self._plain(schema, name, owner, depth)

    def _plain(self, schema: dict[str, Any], name: str, owner: str, depth: int) -> Any:
        kind = schema.get("type", "object")
        if kind == "object":
            return {
                key: self.of(inner, key, owner.partition("_")[0], depth + 1)
                for key, inner in schema.get("properties", {}).items()
            }
        if kind == "array":
            if forms := schema.get("prefixItems"):
                return [self.of(form, name, owner, depth + 1) for form in forms]
            return [] if depth > _SHORT else [self.of(schema.get("items", {}), name, owner, depth + 1)]
        if kind == "string":
            return _text(name, owner)
        if kind == "boolean":
            return bool(schema.get("default", False))
        if kind == "null":
            return None
        least = schema.get("multipleOf") or (12.5 if kind == "number" else 3)
        return schema.get("default") or schema.get("minimum") or least


def _text(name: str, owner: str) -> str:
    if name == "id":
        return f"{_KINDS.get(owner, 'job')}_{_BODY}"
    if name in _IDS:
        return f"{_IDS[name]}_{_BODY}"
    if name.endswith(("_at", "_since")) or name == "at":
        return _AT
    return _TEXTS.get(name, "")
