"""What can go wrong with sites and devices."""

from tikfleet.kernel.errors import Conflict, NotFound


class DeviceNotFound(NotFound):
    """The organisation has no such device."""

    code = "device.not-found"
    title = "There is no such device"


class SiteNotFound(NotFound):
    """The organisation has no such site."""

    code = "site.not-found"
    title = "There is no such site"


class SiteGroupNotFound(NotFound):
    """The organisation has no such site group."""

    code = "site-group.not-found"
    title = "There is no such site group"


class SiteInUse(Conflict):
    """Devices stand at the site."""

    code = "site.in-use"
    title = "Devices stand at this site"
    remedy = "Move its devices to another site first."


class SiteGroupInUse(Conflict):
    """Sites belong to the group."""

    code = "site-group.in-use"
    title = "Sites belong to this group"
    remedy = "Move its sites to another group first."
