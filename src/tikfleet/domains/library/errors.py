"""What can go wrong with the script library, in words for the one who asked."""

from tikfleet.kernel.errors import Conflict, Forbidden, NotFound


class LibraryScriptNotFound(NotFound):
    """There is no such script, or no such version of it, that the caller may see."""

    code = "library.not-found"
    title = "There is no such script"
    remedy = "Check the script's id and version; private scripts are seen by who made them alone."


class LibraryContradictory(Conflict):
    """The parts of a script do not fit each other; nothing was stored."""

    code = "library.contradictory"
    title = "The parts of the script do not fit each other"
    remedy = "Name each parameter that the script uses once, and give each sample a value for each that is required."


class LibraryTestsFailed(Conflict):
    """A sample of values makes a script that RouterOS would refuse; the version was not stored."""

    code = "library.tests-failed"
    title = "The script does not pass its own tests"
    remedy = "Correct the script, the sample, or the releases that it is meant for."


class LibraryValuesUnfit(Conflict):
    """The values do not fit the parameters of the script's version; nothing was asked of any device."""

    code = "library.values-unfit"
    title = "The values do not fit the script"
    remedy = "Give each required parameter of the version a value of its type, and no others."


class LibraryVersionTaken(Conflict):
    """Somebody else stored a version of the script at the same moment; nothing was stored."""

    code = "library.version-taken"
    title = "The script has a newer version"
    remedy = "Read the newest version and decide again."


class LibraryNotReadable(Forbidden):
    """The credential may ask devices, but may not read the library."""

    code = "library.not-readable"
    title = "Not permitted"
    remedy = "Use a credential with the permission library:read, or send the script itself."
