"""Introduces tracker to Django, and puts its start-up checks to work."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from tracker.checks import check_mail, check_protocols, check_site_address, check_time_zone
from tracker.deployment import check_deployment, check_environment


class TrackerConfig(AppConfig):
    """The one Django app."""

    name = "tracker"
    verbose_name = _("Daymark")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks that stop or warn a start-up."""
        register(check_protocols, "protocols")
        register(check_time_zone, "clocks")
        register(check_mail, "mail")
        register(check_site_address, Tags.security)
        register(check_environment, Tags.security)
        register(check_deployment, Tags.security)
        # Here, because they read the models, which are there only now.
        from axes.signals import user_locked_out  # noqa: PLC0415

        from tracker.audit import context, triggers  # noqa: PLC0415
        from tracker.door import failures, presence  # noqa: PLC0415
        from tracker.replaying.kept import check_rules_kept  # noqa: PLC0415

        register(check_rules_kept, Tags.database)

        connection_created.connect(context.answer_triggers)
        post_migrate.connect(triggers.install, sender=self)
        user_logged_in.connect(presence.began)
        user_logged_out.connect(presence.ended)
        user_locked_out.connect(failures.locked_out)
