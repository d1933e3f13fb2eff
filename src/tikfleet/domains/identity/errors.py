"""What can go wrong with organisations, people and credentials."""

from tikfleet.kernel.errors import Conflict, Forbidden, NotFound, TooManyRequests, Unauthenticated


class OrganisationUnknown(NotFound):
    """No such organisation at or below the active one."""

    code = "organisation.not-found"
    title = "There is no such organisation"


class OrganisationInUse(Conflict):
    """An organisation that still holds something cannot be deleted."""

    code = "organisation.in-use"
    title = "The organisation still holds something"
    remedy = "Remove its people, its devices and the organisations below it first."


class OrganisationActive(Conflict):
    """The organisation that the session or token acts in cannot be deleted from within."""

    code = "organisation.active"
    title = "You act in this organisation"
    remedy = "Switch to the organisation above it and delete it from there."


class OrganisationTooDeep(Conflict):
    """Organisations nest only so far."""

    code = "organisation.too-deep"
    title = "Organisations do not nest that deep"
    remedy = "Create it higher up."


class PersonUnknown(NotFound):
    """No such person in the active organisation."""

    code = "person.not-found"
    title = "There is no such person"


class PersonExists(Conflict):
    """The e-mail address belongs to somebody in the organisation already."""

    code = "person.exists"
    title = "This person is in the organisation already"
    remedy = "Change the person's role, or remove the person and invite again for a new link."


class PersonIsYou(Conflict):
    """People cannot shut themselves out."""

    code = "person.yourself"
    title = "You cannot do this to yourself"
    remedy = "Ask another owner or admin."


class LastOwner(Conflict):
    """Without this person nobody would own the organisation."""

    code = "person.last-owner"
    title = "This is the last owner"
    remedy = "Make somebody else an owner first."


class BeyondYourRole(Forbidden):
    """Nobody grants, changes or takes away more than they have."""

    code = "permission.beyond"
    title = "This is more than you have yourself"
    remedy = "Ask somebody who has these permissions."


class InvitationUnknown(NotFound):
    """The invitation was never made, was used, was withdrawn or has expired."""

    code = "invitation.not-found"
    title = "This invitation is not valid"
    remedy = "Ask for a new invitation."


class WrongCredentials(Unauthenticated):
    """E-mail and password do not belong together, or the person may not sign in."""

    code = "session.wrong-credentials"
    title = "E-mail or password is wrong"
    remedy = "Check both and try again; an owner or admin can remove you and invite you again."


class SignInThrottled(TooManyRequests):
    """Too many attempts to sign in; this one was not looked at."""

    code = "session.throttled"
    title = "Too many attempts to sign in"
    remedy = "Wait for the time in Retry-After and try again."


class PasswordWrong(Conflict):
    """The present password is another one."""

    code = "password.wrong"
    title = "The present password is wrong"
    remedy = "Type the password that you signed in with."


class PasswordWeak(Conflict):
    """The password would be guessed soon."""

    code = "password.weak"
    title = "This password is too easy to guess"
    remedy = "Take a longer one that has nothing to do with your name or e-mail address."


class TokenUnknown(NotFound):
    """No such API token in the active organisation or below it."""

    code = "token.not-found"
    title = "There is no such API token"


class TokenExpiryPast(Conflict):
    """A token cannot expire before it exists."""

    code = "token.expiry-past"
    title = "This moment has passed"
    remedy = "Choose a moment in the future, or null for a token that does not expire."


class SetupClosed(Conflict):
    """The first owner exists, and set-up never opens again."""

    code = "setup.closed"
    title = "Tikfleet is set up already"
    remedy = "Sign in, or ask an owner for an invitation."


class SetupTokenWrong(Forbidden):
    """The set-up token is not the one that the server printed last."""

    code = "setup.wrong-token"
    title = "The set-up token is wrong"
    remedy = "Copy the token that the server printed when it started; a restart prints a new one."


class RetentionTooLong(Conflict):
    """The installation keeps such things for fewer days than were asked for."""

    code = "settings.retention-too-long"
    title = "Such things are not kept that long"
    remedy = "Choose no more days than the installation keeps them, or 0 for as many."


class TimezoneUnknown(Conflict):
    """No such time zone in the IANA database."""

    code = "settings.timezone-unknown"
    title = "There is no such time zone"
    remedy = "Use an IANA name such as Europe/Riga or UTC."
