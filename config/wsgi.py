"""The way in for web servers of several processes: `config.wsgi.application`."""

import os

from django.core.wsgi import get_wsgi_application

from config.startup import refuse_unless_safe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
refuse_unless_safe()
