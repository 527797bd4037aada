"""By which rules something was decided, as people read it."""

from django.utils.translation import gettext as _

SHOWN = 12
"""How many characters of a hash are shown: enough to tell two apart."""


def short_hash(hash_: str) -> str:
    """The beginning of a hash; of what was decided before hashes were kept, that there is none."""
    return hash_[:SHOWN] if hash_ else _("no hash kept")


def rules_words(version: str, hash_: str) -> str:
    """The version of the protocol, and what identifies its content."""
    return _("protocol version %(version)s (%(hash)s)") % {"version": version, "hash": short_hash(hash_)}
