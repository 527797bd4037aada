"""A study may hide the dose level from those who must not know it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0001_daymark"),
    ]

    operations = [
        migrations.AddField(
            model_name="study",
            name="blinded_dose",
            field=models.BooleanField(
                default=False,
                help_text="Only the roles that must know it see the dose level of a participant.",
                verbose_name="blinded to the dose level",
            ),
        ),
    ]
