"""How gunicorn serves: what is not said on its command line (compose.yaml)."""

from config.environment import env
from config.logs import configure_structlog, log_level, logging_options

# The pages' own lines say what was answered; gunicorn's would hold whatever somebody searched for.
accesslog = None
logconfig_dict = logging_options(as_json=True, level=log_level(env))
configure_structlog()

# A page takes less than a second; what still runs after this many seconds will not end.
graceful_timeout = 8

# A worker's own sign of life is a file: in memory, so that no slow disk gets it killed.
worker_tmp_dir = "/dev/shm"  # noqa: S108 - a file that it makes, opens and unlinks there

# Nobody steers it but the process manager.
control_socket_disable = True
