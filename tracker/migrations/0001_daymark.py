"""The tables as they were first made."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import tracker.models.machine
import tracker.models.site
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, unique=True, verbose_name="work")),
                ("at", models.DateTimeField(verbose_name="last done at")),
            ],
            options={
                "verbose_name": "heartbeat",
                "verbose_name_plural": "heartbeats",
            },
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stage",
                    tracker.models.machine.StageField(
                        choices=[
                            ("screening", "Screening"),
                            ("enrolled", "Enrolled"),
                            ("leukapheresis", "Leukapheresis"),
                            ("lymphodepletion", "Lymphodepletion"),
                            ("infusion", "Infusion"),
                            ("follow_up", "Follow-up"),
                            ("completed", "Completed"),
                            ("screen_failed", "Screen failed"),
                            ("withdrawn", "Withdrawn"),
                            ("died", "Died"),
                            ("lost_to_follow_up", "Lost to follow-up"),
                        ],
                        db_index=True,
                        default="screening",
                        max_length=50,
                        protected=True,
                        verbose_name="stage",
                    ),
                ),
                ("subject_number", models.CharField(max_length=40, verbose_name="subject number")),
                (
                    "sex",
                    models.CharField(
                        choices=[("female", "female"), ("male", "male")], max_length=10, verbose_name="sex"
                    ),
                ),
                ("birth_date", models.DateField(verbose_name="date of birth")),
                ("dose_level", models.CharField(blank=True, max_length=100, verbose_name="dose level")),
                ("episode", models.PositiveIntegerField(default=1, verbose_name="screening episode")),
                (
                    "reassess_after",
                    models.DateTimeField(blank=True, db_index=True, null=True, verbose_name="next reassessment"),
                ),
                ("created_at", models.DateTimeField(verbose_name="registered at")),
            ],
            options={
                "verbose_name": "participant",
                "verbose_name_plural": "participants",
                "ordering": ("study", "subject_number"),
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("zh-hans", "简体中文")],
                        default="en",
                        help_text="The language of the messages this person receives.",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="RecordedFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(db_index=True, default=uuid.uuid4, verbose_name="key")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("concept", models.CharField(max_length=60, verbose_name="concept")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("at_is_date", models.BooleanField(default=False, verbose_name="date only")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("until_is_date", models.BooleanField(default=False, verbose_name="end date only")),
                ("resulted_at", models.DateTimeField(blank=True, null=True, verbose_name="result out at")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                ("value", models.CharField(blank=True, max_length=100, verbose_name="value")),
                ("unit", models.CharField(blank=True, max_length=30, verbose_name="unit")),
                ("comparator", models.CharField(default="=", max_length=2, verbose_name="comparator")),
                ("upper_limit", models.CharField(blank=True, max_length=40, verbose_name="upper limit of normal")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("done", "done"),
                            ("cancelled", "cancelled"),
                            ("entered_in_error", "entered in error"),
                        ],
                        default="done",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=500, verbose_name="detail")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "participant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="tracker.participant",
                        verbose_name="participant",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "fact",
                "verbose_name_plural": "facts",
                "ordering": ("recorded_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Site",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_zh", models.CharField(blank=True, max_length=200, verbose_name="name in Chinese")),
                (
                    "timezone",
                    models.CharField(
                        help_text="IANA name, for example Asia/Shanghai.",
                        max_length=64,
                        validators=[tracker.models.site.validate_timezone],
                        verbose_name="time zone",
                    ),
                ),
            ],
            options={
                "verbose_name": "site",
                "verbose_name_plural": "sites",
                "ordering": ("code",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("timezone", ""), _negated=True), name="site_has_a_time_zone"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="participant",
            name="site",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="participants",
                to="tracker.site",
                verbose_name="site",
            ),
        ),
        migrations.CreateModel(
            name="StepRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("enrol", "Enrol"),
                            ("leukapheresis", "Leukapheresis"),
                            ("lymphodepletion", "Lymphodepletion"),
                            ("infusion", "Infusion"),
                            ("follow_up", "Follow-up"),
                            ("complete", "Complete"),
                            ("screen_fail", "Screen failure"),
                            ("withdraw", "Withdrawal"),
                            ("record_death", "Death"),
                            ("lose_to_follow_up", "Lost to follow-up"),
                            ("rescreen", "Re-screening"),
                        ],
                        max_length=30,
                        verbose_name="step",
                    ),
                ),
                (
                    "from_stage",
                    models.CharField(
                        choices=[
                            ("screening", "Screening"),
                            ("enrolled", "Enrolled"),
                            ("leukapheresis", "Leukapheresis"),
                            ("lymphodepletion", "Lymphodepletion"),
                            ("infusion", "Infusion"),
                            ("follow_up", "Follow-up"),
                            ("completed", "Completed"),
                            ("screen_failed", "Screen failed"),
                            ("withdrawn", "Withdrawn"),
                            ("died", "Died"),
                            ("lost_to_follow_up", "Lost to follow-up"),
                        ],
                        max_length=50,
                        verbose_name="from",
                    ),
                ),
                (
                    "to_stage",
                    models.CharField(
                        choices=[
                            ("screening", "Screening"),
                            ("enrolled", "Enrolled"),
                            ("leukapheresis", "Leukapheresis"),
                            ("lymphodepletion", "Lymphodepletion"),
                            ("infusion", "Infusion"),
                            ("follow_up", "Follow-up"),
                            ("completed", "Completed"),
                            ("screen_failed", "Screen failed"),
                            ("withdrawn", "Withdrawn"),
                            ("died", "Died"),
                            ("lost_to_follow_up", "Lost to follow-up"),
                        ],
                        max_length=50,
                        verbose_name="to",
                    ),
                ),
                ("happened_at", models.DateTimeField(verbose_name="happened at")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("reported_afterwards", models.BooleanField(default=False, verbose_name="reported afterwards")),
                ("protocol_version", models.CharField(max_length=40, verbose_name="protocol version")),
                ("evidence", models.JSONField(default=list, verbose_name="evidence")),
                (
                    "fact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="step",
                        to="tracker.recordedfact",
                        verbose_name="fact",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="tracker.participant",
                        verbose_name="participant",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "step",
                "verbose_name_plural": "steps",
                "ordering": ("recorded_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Deviation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("clause", models.CharField(max_length=60, verbose_name="clause")),
                ("drafted_at", models.DateTimeField(verbose_name="drafted at")),
                ("description", models.TextField(verbose_name="description")),
                ("evidence", models.JSONField(default=dict, verbose_name="evidence")),
                ("cause", models.TextField(blank=True, verbose_name="cause")),
                ("impact", models.TextField(blank=True, verbose_name="impact")),
                ("action", models.TextField(blank=True, verbose_name="action taken")),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "draft"), ("closed", "closed")],
                        default="draft",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deviations",
                        to="tracker.participant",
                        verbose_name="participant",
                    ),
                ),
                (
                    "step_record",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deviations",
                        to="tracker.steprecord",
                        verbose_name="step",
                    ),
                ),
            ],
            options={
                "verbose_name": "deviation",
                "verbose_name_plural": "deviations",
                "ordering": ("-drafted_at", "clause"),
            },
        ),
        migrations.CreateModel(
            name="Study",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="code")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("title_zh", models.CharField(blank=True, max_length=300, verbose_name="title in Chinese")),
                (
                    "protocol_id",
                    models.CharField(
                        help_text="The name of a protocol file that is shipped with the program.",
                        max_length=100,
                        verbose_name="protocol",
                    ),
                ),
                ("target_number", models.PositiveIntegerField(verbose_name="target number of participants")),
                (
                    "dose_levels",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="The dose levels as the study lists them, in order.",
                        verbose_name="dose levels",
                    ),
                ),
            ],
            options={
                "verbose_name": "study",
                "verbose_name_plural": "studies",
                "ordering": ("code",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("target_number__gte", 1)), name="study_wants_participants"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="recordedfact",
            name="study",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="facts",
                to="tracker.study",
                verbose_name="study",
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="study",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="participants",
                to="tracker.study",
                verbose_name="study",
            ),
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("crc", "coordinator (CRC)"),
                            ("pi", "principal investigator"),
                            ("sub_i", "sub-investigator"),
                            ("ward_nurse", "ward nurse"),
                            ("apheresis_nurse", "apheresis nurse"),
                            ("pharmacist", "pharmacist"),
                            ("cell_lab", "cell laboratory"),
                            ("data_manager", "data manager"),
                            ("monitor", "monitor"),
                            ("sponsor", "sponsor"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="from")),
                (
                    "valid_until",
                    models.DateField(
                        blank=True, help_text="The last day; empty: open.", null=True, verbose_name="until"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="tracker.site",
                        verbose_name="site",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="tracker.study",
                        verbose_name="study",
                    ),
                ),
            ],
            options={
                "verbose_name": "assignment",
                "verbose_name_plural": "assignments",
                "ordering": ("study", "site", "role", "user"),
            },
        ),
        migrations.CreateModel(
            name="TrackedDeadline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("clause", models.CharField(max_length=60, verbose_name="clause")),
                ("occurrence", models.PositiveIntegerField(default=1, verbose_name="occurrence")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("upcoming", "upcoming"),
                            ("open", "open"),
                            ("met", "met"),
                            ("overdue", "overdue"),
                            ("cancelled", "cancelled"),
                            ("not_applicable", "not applicable"),
                            ("eligibility_invalidated", "eligibility invalidated"),
                        ],
                        max_length=30,
                        verbose_name="status",
                    ),
                ),
                ("opens_at", models.DateTimeField(blank=True, null=True, verbose_name="opens at")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due at")),
                ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="evidence valid until")),
                ("required_through", models.DateField(blank=True, null=True, verbose_name="required through")),
                ("raised_at", models.DateTimeField(blank=True, null=True, verbose_name="raised at")),
                ("updated_at", models.DateTimeField(verbose_name="last changed at")),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deadlines",
                        to="tracker.participant",
                        verbose_name="participant",
                    ),
                ),
            ],
            options={
                "verbose_name": "deadline",
                "verbose_name_plural": "deadlines",
                "ordering": ("due_at", "clause", "occurrence"),
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rung", models.CharField(max_length=60, verbose_name="rung")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due at")),
                ("raised_at", models.DateTimeField(verbose_name="raised at")),
                ("urgent", models.BooleanField(default=False, verbose_name="urgent")),
                ("say", models.CharField(max_length=300, verbose_name="what to do")),
                ("say_zh", models.CharField(blank=True, max_length=300, verbose_name="what to do, in Chinese")),
                ("tell", models.JSONField(default=list, verbose_name="roles told")),
                ("fault", models.CharField(blank=True, max_length=300, verbose_name="fault of the set-up")),
                (
                    "status",
                    models.CharField(
                        choices=[("raised", "raised"), ("acknowledged", "acknowledged"), ("resolved", "resolved")],
                        default="raised",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True, verbose_name="acknowledged at")),
                ("acknowledged_note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                (
                    "escalates_to",
                    models.JSONField(blank=True, default=list, verbose_name="roles told if nobody acknowledges"),
                ),
                ("escalates_at", models.DateTimeField(blank=True, null=True, verbose_name="escalates at")),
                ("escalated_at", models.DateTimeField(blank=True, null=True, verbose_name="escalated at")),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved at")),
                (
                    "resolution",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "done"),
                            ("plan_moved", "the plan was moved"),
                            ("superseded", "followed by a later reminder"),
                            ("journey_ended", "the journey ended"),
                            ("corrected", "the record was corrected"),
                        ],
                        max_length=20,
                        verbose_name="resolution",
                    ),
                ),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="acknowledged by",
                    ),
                ),
                (
                    "deadline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="tracker.trackeddeadline",
                        verbose_name="deadline",
                    ),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "ordering": ("-urgent", "due_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=20, verbose_name="told as")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first", "reminder"),
                            ("escalated", "escalation"),
                            ("withdrawn", "withdrawal of a reminder"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                ("subject", models.CharField(max_length=300, verbose_name="subject")),
                ("text_body", models.TextField(verbose_name="text")),
                ("html_body", models.TextField(verbose_name="HTML")),
                ("message_id", models.CharField(max_length=200, unique=True, verbose_name="message id")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "pending"),
                            ("sending", "sending"),
                            ("sent", "sent"),
                            ("not_sent_no_mail_server", "not sent: no mail server"),
                            ("withdrawn", "withdrawn before it was sent"),
                            ("failed", "not sent yet: the mail server refused it, it will be tried again"),
                        ],
                        default="pending",
                        max_length=30,
                        verbose_name="status",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="queued at")),
                ("lease_until", models.DateTimeField(blank=True, null=True, verbose_name="leased until")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent at")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                ("next_try_at", models.DateTimeField(blank=True, null=True, verbose_name="next try at")),
                ("last_error", models.CharField(blank=True, max_length=300, verbose_name="last error")),
                ("fault", models.CharField(blank=True, max_length=300, verbose_name="fault of the set-up")),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="tracker.alert",
                        verbose_name="alert",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recipient",
                    ),
                ),
            ],
            options={
                "verbose_name": "notification",
                "verbose_name_plural": "notifications",
                "ordering": ("-created_at", "-pk"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ("pending", "sending", "not_sent_no_mail_server", "failed"))),
                        fields=["next_try_at", "id"],
                        name="notification_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("alert", "recipient", "kind"), name="one_message_of_a_kind_to_each_person_for_an_alert"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["pending", "sending", "sent", "not_sent_no_mail_server", "withdrawn", "failed"],
                            )
                        ),
                        name="notification_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "sent"), _negated=True), ("sent_at__isnull", False), _connector="OR"
                        ),
                        name="sent_says_when",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="steprecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "from_stage__in",
                        [
                            "screening",
                            "enrolled",
                            "leukapheresis",
                            "lymphodepletion",
                            "infusion",
                            "follow_up",
                            "completed",
                            "screen_failed",
                            "withdrawn",
                            "died",
                            "lost_to_follow_up",
                        ],
                    ),
                    (
                        "to_stage__in",
                        [
                            "screening",
                            "enrolled",
                            "leukapheresis",
                            "lymphodepletion",
                            "infusion",
                            "follow_up",
                            "completed",
                            "screen_failed",
                            "withdrawn",
                            "died",
                            "lost_to_follow_up",
                        ],
                    ),
                ),
                name="step_stages_are_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="steprecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "step__in",
                        [
                            "enrol",
                            "leukapheresis",
                            "lymphodepletion",
                            "infusion",
                            "follow_up",
                            "complete",
                            "screen_fail",
                            "withdraw",
                            "record_death",
                            "lose_to_follow_up",
                            "rescreen",
                        ],
                    )
                ),
                name="step_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="steprecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("happened_at__lte", models.F("recorded_at"))),
                name="step_is_recorded_after_it_happened",
            ),
        ),
        migrations.AddConstraint(
            model_name="deviation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("step_record__isnull", False)),
                fields=("step_record", "clause"),
                name="one_deviation_for_each_clause_of_a_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="deviation",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "closed"])), name="deviation_status_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="recordedfact",
            constraint=models.UniqueConstraint(fields=("key", "version"), name="one_row_for_each_version_of_a_fact"),
        ),
        migrations.AddConstraint(
            model_name="recordedfact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("participant__isnull", False), ("study__isnull", True)),
                    models.Q(("participant__isnull", True), ("study__isnull", False)),
                    _connector="OR",
                ),
                name="fact_is_of_a_participant_or_of_a_study",
            ),
        ),
        migrations.AddConstraint(
            model_name="recordedfact",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)), name="fact_versions_count_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="recordedfact",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["planned", "done", "cancelled", "entered_in_error"])),
                name="fact_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="recordedfact",
            constraint=models.CheckConstraint(
                condition=models.Q(("comparator__in", ("=", "<", "<=", ">", ">="))), name="fact_comparator_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                fields=("study", "subject_number"),
                name="subject_number_is_unique_in_a_study",
                violation_error_message="This subject number is already taken in this study.",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "stage__in",
                        [
                            "screening",
                            "enrolled",
                            "leukapheresis",
                            "lymphodepletion",
                            "infusion",
                            "follow_up",
                            "completed",
                            "screen_failed",
                            "withdrawn",
                            "died",
                            "lost_to_follow_up",
                        ],
                    )
                ),
                name="participant_stage_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(("sex__in", ["female", "male"])), name="participant_sex_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(("episode__gte", 1)), name="participant_episode_counts_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                fields=("user", "study", "site", "role", "valid_from"), name="one_assignment_each"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until", None), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                ),
                name="assignment_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "crc",
                            "pi",
                            "sub_i",
                            "ward_nurse",
                            "apheresis_nurse",
                            "pharmacist",
                            "cell_lab",
                            "data_manager",
                            "monitor",
                            "sponsor",
                        ],
                    )
                ),
                name="assignment_role_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="trackeddeadline",
            constraint=models.UniqueConstraint(
                fields=("participant", "clause", "occurrence"), name="one_deadline_for_each_occurrence_of_a_clause"
            ),
        ),
        migrations.AddConstraint(
            model_name="trackeddeadline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "upcoming",
                            "open",
                            "met",
                            "overdue",
                            "cancelled",
                            "not_applicable",
                            "eligibility_invalidated",
                        ],
                    )
                ),
                name="deadline_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "resolved"), _negated=True),
                fields=("deadline", "rung", "due_at"),
                name="one_unresolved_alert_for_each_rung",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("status", "resolved"), _negated=True), ("due_at", None)),
                fields=("deadline", "rung"),
                name="one_unresolved_alert_for_each_rung_without_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("resolved_at__isnull", False),
                        ("status", "resolved"),
                        ("resolution__in", ["done", "plan_moved", "superseded", "journey_ended", "corrected"]),
                    ),
                    models.Q(
                        models.Q(("status", "resolved"), _negated=True),
                        ("resolution", ""),
                        ("resolved_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="resolved_alert_says_when_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["raised", "acknowledged", "resolved"])), name="alert_status_is_known"
            ),
        ),
    ]
