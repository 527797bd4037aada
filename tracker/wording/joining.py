"""Words side by side: things, phrases and sentences, joined as the reader's language joins them."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def listed(things: Iterable[str]) -> str:
    """Things of one kind: `ward nurse, pharmacist`, `病房护士、药师`."""
    return pgettext("between the things of a list", ", ").join(things)


def phrased(phrases: Iterable[str]) -> str:
    """Phrases about one thing; empty ones are left out."""
    return pgettext("between two phrases", ", ").join(phrase for phrase in phrases if phrase)


def about(name: str, said: str) -> str:
    """What is said, after the name of what it is said about."""
    return _("%(name)s: %(said)s") % {"name": name, "said": said}


def told_together(sentences: Iterable[str]) -> str:
    """Sentences that stand in one line."""
    return _("; ").join(sentences)
