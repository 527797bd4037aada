"""What processes count together: in Redis where there is one, else in the one process's own memory."""

from typing import Any

_IN_MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}

# A counter that does not answer must not hold up whoever signs in.
_PATIENCE = {"socket_connect_timeout": 1, "socket_timeout": 1}


def caches_for(broker_url: str) -> dict[str, Any]:
    """Django's CACHES: what a page keeps for itself stays in its process, what limits count is common to all.

    The broker at `broker_url` keeps it as well; it is forgotten with every restart, and nothing is lost by that.
    """
    if not broker_url.startswith(("redis", "rediss")):
        return {"default": _IN_MEMORY, "common": {**_IN_MEMORY, "LOCATION": "common"}}
    address = broker_url.replace("redis+socket://", "unix://", 1)
    redis = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": address, "OPTIONS": _PATIENCE}
    return {"default": _IN_MEMORY, "common": {**redis, "KEY_PREFIX": "daymark"}}
