"""Demo accounts: one per role, marked as demo, with random passwords."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tracker.models import Assignment, Role, Site, Study, User


@dataclass(frozen=True)
class Account:
    """One account as it is printed."""

    username: str
    role: str
    password: str


Staff = Mapping[str, User]
"""Who acts in the demo, by role."""


def hire(study: Study, site: Site, since: date) -> tuple[Staff, list[Account]]:
    """One account for every role at the site, and an administrator; the passwords exist only in what is returned."""
    staff: dict[str, User] = {}
    accounts: list[Account] = []
    for role in Role:
        username, password = f"demo-{role.value.replace('_', '-')}", secrets.token_urlsafe(9)
        user = User.objects.create_user(
            username, f"{username}@example.invalid", password, first_name="Demo", last_name=str(role.label),
            is_staff=True,
        )  # fmt: skip
        Assignment.objects.create(user=user, study=study, site=site, role=role, valid_from=since)
        staff[role.value] = user
        accounts.append(Account(username, str(role.label), password))
    password = secrets.token_urlsafe(9)
    User.objects.create_superuser(
        "demo-admin", "demo-admin@example.invalid", password, first_name="Demo", last_name="administrator"
    )
    return staff, [*accounts, Account("demo-admin", "administrator", password)]
