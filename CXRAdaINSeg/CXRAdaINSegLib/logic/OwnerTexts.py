"""Who else has the session, in the panel's language."""

from __future__ import annotations

from cxradain.sessions.lock import Owner
from slicer.i18n import tr as _


def lockedText(owner: Owner) -> str:
    """The message for a session that another application has open."""
    return _("The session is open in {owner}. Close it there, open it here to read, or take it over.").format(
        owner=ownerText(owner)
    )


def takenOverText(owner: Owner | None) -> str:
    """The message for a session that another application, if known, has taken over from this one."""
    text = _("The session was taken over by {owner}. Take it over again to save your work here.")
    return text.format(owner=ownerText(owner) if owner is not None else _("another application"))


def ownerText(owner: Owner) -> str:
    """The application, whose it is, where, and since when it has the session."""
    return _("{program} (user {user}, computer {host}, since {time})").format(
        program=owner.program, user=owner.user, host=owner.host, time=owner.local_since()
    )
