"""Whoever is registered already stays under the protocol that her study followed until now.

Which file decided a step in the past was not written down: those rows keep an empty hash.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery

from tracker.audit import triggers


def audit_again(_apps: Any, editor: Any) -> None:
    """SQLite made the tables anew, without their triggers: what is changed from here on is written down again."""
    if editor.connection.vendor == "sqlite":
        triggers.install(using=editor.connection.alias)


def put_under_the_study_s_protocol(apps: Any, _editor: Any) -> None:
    participants = apps.get_model("tracker", "Participant").objects
    studies = apps.get_model("tracker", "Study").objects.filter(pk=OuterRef("study"))
    participants.update(first_protocol_id=Subquery(studies.values("protocol_id")))
    participants.update(protocol_id=F("first_protocol_id"))
    steps = apps.get_model("tracker", "StepRecord").objects.filter(pk=OuterRef("step_record"))
    drafted = apps.get_model("tracker", "Deviation").objects.filter(step_record__isnull=False)
    drafted.update(protocol_version=Subquery(steps.values("protocol_version")))


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0011_what_must_go_is_taken_out_by_two_people"),
    ]

    operations = [
        migrations.AlterField(
            model_name="study",
            name="protocol_id",
            field=models.CharField(
                help_text="The version that new participants consent to.", max_length=100, verbose_name="protocol"
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="protocol_id",
            field=models.CharField(default="", max_length=100, verbose_name="protocol version"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="participant",
            name="first_protocol_id",
            field=models.CharField(default="", max_length=100, verbose_name="protocol version before the consent"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="steprecord",
            name="protocol_hash",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="hash of the rules"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="deviation",
            name="protocol_version",
            field=models.CharField(blank=True, default="", max_length=40, verbose_name="protocol version"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="deviation",
            name="protocol_hash",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="hash of the rules"),
            preserve_default=False,
        ),
        migrations.RunPython(audit_again, migrations.RunPython.noop),
        migrations.RunPython(put_under_the_study_s_protocol, migrations.RunPython.noop),
    ]
