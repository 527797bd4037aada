"""The laboratories of one's own sites, with every upper limit that was kept, and why it changed."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import ENROLLED, House, a_house, at
from tests.tracker.admin.conftest import Enter
from tracker.models import Laboratory, Role, Sex, UpperLimit, User

PAGE = reverse("admin:tracker_laboratories")


def limit(house: House, value: str, day: date, reason: str = "") -> UpperLimit:
    laboratory, _new = Laboratory.objects.get_or_create(site=house.site, name=f"Laboratory of {house.site.code}")
    return UpperLimit.objects.create(
        laboratory=laboratory, concept="alt", sex=Sex.FEMALE, value=value, unit="U/L", valid_from=day, reason=reason,
        entered_at=at(ENROLLED), entered_by=house["crc"],
    )  # fmt: skip


@pytest.mark.parametrize("role", [Role.CRC, Role.MONITOR])
def test_whoever_works_at_a_site_reads_what_its_laboratories_state_the_newest_first(
    house: House, enter: Enter, role: str
) -> None:
    limit(house, "35", date(2026, 3, 2))
    limit(house, "40", date(2026, 3, 5), "new analyser")
    html = enter(house[role]).get(PAGE).content.decode()
    assert html.index("40 U/L") < html.index("new analyser") < html.index("35 U/L") < html.index("Mon 2 Mar 2026")
    assert "women" in html


def test_the_sidebar_leads_there(crc: Client) -> None:
    assert f'href="{PAGE}"' in crc.get(reverse("admin:index")).content.decode()


def test_another_sites_laboratory_is_not_shown(house: House, enter: Enter, root: Client) -> None:
    limit(house, "35", date(2026, 3, 2))
    stranger = enter(a_house("PD", study=house.study)["crc"]).get(PAGE).content.decode()
    assert "Laboratory of RJ" not in stranger
    assert "No laboratory yet" in stranger
    assert "Laboratory of RJ" in root.get(PAGE).content.decode()


def test_a_test_is_called_by_its_name_in_the_readers_language(house: House, enter: Enter) -> None:
    limit(house, "35", date(2026, 3, 2))
    User.objects.filter(pk=house["crc"].pk).update(language="zh-hans")
    house["crc"].refresh_from_db()
    assert "丙氨酸氨基转移酶" in enter(house["crc"]).get(PAGE).content.decode()
