"""What the application may use of the routers' own REST."""

from tikfleet.domains.routeros.service import RouterRest
from tikfleet.domains.routeros.translation import RestScripts

__all__ = ["RestScripts", "RouterRest"]
