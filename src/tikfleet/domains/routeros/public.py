"""What other domains and the application may use of the routers' own REST."""

from tikfleet.domains.routeros.reading import RouterReads
from tikfleet.domains.routeros.schema import RouterSchemas
from tikfleet.domains.routeros.service import RouterRest
from tikfleet.domains.routeros.translation import RestScripts, visible

__all__ = ["RestScripts", "RouterReads", "RouterRest", "RouterSchemas", "visible"]
