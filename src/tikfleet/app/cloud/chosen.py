"""What an operator chooses for an installation on AWS: a small file in TOML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from tikfleet.app.cloud.costs import Shape
from tikfleet.app.cloud.sizes import Size, sizes
from tikfleet.kernel.errors import TikfleetError


class ChoicesWrong(TikfleetError):
    """The file of choices is not there, or says what cannot be."""

    code: ClassVar[str] = "deploy.choices-wrong"
    title: ClassVar[str] = "The choices for the installation are wrong"
    remedy: ClassVar[str] = "Correct the file that the sentence names; docs/guides/deploy-aws.md has an example."


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only `--plan` does without the first five. `routers` and `interval_s` are what a month is reckoned for.

    So is `certificate_kind`, the kind of key of `certificate`: it says how much routers are shown at each check-in.
    """

    domain: str = ""
    certificate: str = ""
    image: str = ""
    code: str = ""
    warehouse_url: str = ""
    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,30}$")] = "tikfleet"
    region: str = ""
    size: str = "small"
    provisioned: Annotated[int, Meta(ge=0, le=1000)] | None = None
    own_balancer_for_routers: bool = False
    container_for_routers: bool = False
    certificate_kind: Literal["rsa", "ecdsa"] = "rsa"
    alarms_to: str = ""
    routers: Annotated[int, Meta(ge=1)] | None = None
    interval_s: Annotated[int, Meta(ge=10, le=86_400)] = 60

    @property
    def how_large(self) -> Size:
        """Raises ChoicesWrong."""
        found = sizes()
        if self.size not in found:
            raise ChoicesWrong(f"size is {self.size}, and there are {', '.join(found)}")
        return found[self.size]

    @property
    def shape(self) -> Shape:
        """What costs are reckoned for. Raises ChoicesWrong."""
        size = self.how_large
        routers = self.routers or size.for_routers
        return Shape(size, routers, self.interval_s, self.own_balancer_for_routers, self.container_for_routers)

    def context(self) -> Mapping[str, str]:
        """What the stack is told. Raises ChoicesWrong where something is missing."""
        for name in ("domain", "certificate", "image", "code", "warehouse_url"):
            if not getattr(self, name):
                raise ChoicesWrong(f"{name} is not chosen")
        if not Path(self.code).is_dir():
            raise ChoicesWrong(f"code is {self.code}, which is no directory")
        told = {
            "name": self.name,
            "domain": self.domain,
            "certificate": self.certificate,
            "image": self.image,
            "code": str(Path(self.code).absolute()),
            "warehouse_url": self.warehouse_url,
            "size": self.size,
            "own_balancer_for_routers": str(self.own_balancer_for_routers).lower(),
            "container_for_routers": str(self.container_for_routers).lower(),
            "alarms_to": self.alarms_to,
        }
        return told if self.provisioned is None else told | {"provisioned": str(self.provisioned)}


def read_chosen(file: Path, *, needed: bool) -> Chosen:
    """Raises ChoicesWrong. What is not needed and not there is the small size."""
    if not file.exists() and not needed:
        return Chosen()
    try:
        return msgspec.toml.decode(file.read_bytes(), type=Chosen)
    except (OSError, msgspec.DecodeError) as cause:
        raise ChoicesWrong(f"{file}: {cause}") from cause
