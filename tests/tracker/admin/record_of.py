"""What the whole database says, to be compared before and after."""

from typing import Any

from django.apps import apps

_COMINGS_AND_GOINGS = {"sessions.Session", "axes.AccessLog"}


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, by model; whoever signs in or out leaves a trace elsewhere, which is left out."""
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=repr)
        for model in apps.get_models()
        if model._meta.label not in _COMINGS_AND_GOINGS
    }
