"""The digest: one e-mail a day to each person, also when nothing is open."""

import re
from datetime import date, time, timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.builders import House, a_house, at, collected_woman, employ, hcg, plan
from tests.flushing import unaudited
from tests.tracker.test_ladder import DOSE, live_until
from tracker.evaluation import protocol_of
from tracker.models import Alert, Assignment, Heartbeat, Notification, Participant, User
from tracker.services import alerts, notifications
from workflow.stages import Step

MORNING = "2026-04-18 07:30"


@pytest.fixture
def participant(house: House) -> Participant:
    """A woman whose first dose is planned ten days ahead."""
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    return participant


def written(now: str = MORNING) -> int:
    Heartbeat.objects.update_or_create(name="sweep", defaults={"at": at(now)})
    return notifications.write_due(at(now))


def digest_of(house: House, role: str) -> Notification:
    return Notification.objects.filter(kind="digest", recipient=house[role]).latest("digest_for")


def readers() -> set[str]:
    return set(Notification.objects.filter(kind="digest").values_list("recipient__username", flat=True))


def test_everybody_who_acts_gets_one_a_day_and_who_only_reads_gets_none(house: House) -> None:
    assert written() == 8
    assert readers() == {f"rj-{role}" for role in house.staff} - {"rj-monitor", "rj-sponsor"}
    assert digest_of(house, "crc").digest_for == date(2026, 4, 18)


def test_it_goes_out_even_when_nothing_is_open(house: House, post: list[EmailMessage]) -> None:
    written()
    notifications.deliver_due(at(MORNING))
    (mail,) = [each for each in post if each.to == ["rj-pi@site.example"]]
    assert mail.subject == "Daymark, Sat 18 Apr: nothing is open for you"
    assert "Nothing is open for you today." in mail.body
    assert "If it does not come, something is wrong." in mail.body
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"
    assert mail.extra_headers["Message-ID"] == f"<daymark.digest.{house['pi'].pk}.20260418@127.0.0.1>"


def test_nothing_is_open_is_not_said_without_saying_that_nobody_looked(house: House) -> None:
    written()
    assert "Not checked" not in digest_of(house, "pi").text_body
    with unaudited():
        Notification.objects.all().delete()
    notifications.write_due(at("2026-04-18 07:33"))
    assert "Not checked since Sat 18 Apr 2026 07:30: reminders may be late." in digest_of(house, "pi").text_body


def test_it_comes_at_the_readers_own_time_on_the_clock_of_her_site(house: House) -> None:
    crc = house["crc"]
    crc.digest_at = time(6, 15)
    crc.save()
    written("2026-04-18 06:14")
    assert readers() == set()
    written("2026-04-18 06:15")
    assert readers() == {"rj-crc"}
    written("2026-04-18 07:29")
    assert readers() == {"rj-crc"}
    written("2026-04-18 07:30")
    assert len(readers()) == 8


def test_a_site_in_the_west_reads_its_own_morning(db: None) -> None:
    house = a_house("NYC", zone="America/New_York")
    notifications.write_due(at("2026-04-18 19:29"))
    assert readers() == set()
    notifications.write_due(at("2026-04-18 19:30"))
    assert digest_of(house, "crc").digest_for == date(2026, 4, 18)


@pytest.mark.parametrize(
    ("digest_at", "just_before", "at_last", "day"),
    [
        (time(7, 30), "2026-03-29 13:29", "2026-03-29 13:30", date(2026, 3, 29)),
        (time(7, 30), "2026-10-25 14:29", "2026-10-25 14:30", date(2026, 10, 25)),
        (time(2, 30), "2026-03-29 09:29", "2026-03-29 09:30", date(2026, 3, 29)),
        (time(2, 30), "2026-10-25 08:29", "2026-10-25 08:30", date(2026, 10, 25)),
    ],
)
def test_it_comes_once_at_its_wall_clock_time_on_the_days_the_clock_changes(
    digest_at: time, just_before: str, at_last: str, day: date, db: None
) -> None:
    """The instants are Shanghai's; in March Berlin's clock skips 02:30, in October it shows it twice."""
    house = a_house("BER", zone="Europe/Berlin", roles=("crc",))
    User.objects.update(digest_at=digest_at)
    assert notifications.write_due(at(just_before)) == 0
    assert notifications.write_due(at(at_last)) == 1
    assert notifications.write_due(at(at_last) + timedelta(hours=1)) == 0
    assert digest_of(house, "crc").digest_for == day


def test_once_a_day_and_no_more(house: House, post: list[EmailMessage]) -> None:
    written()
    notifications.deliver_due(at(MORNING))
    sent = len(post)
    assert written("2026-04-18 07:31") == 0
    assert notifications.deliver_due(at("2026-04-18 23:00")) == 0
    assert len(post) == sent == 8
    again = digest_of(house, "crc")
    again.pk, again.message_id = None, "<another>"
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_one_that_fell_into_a_downtime_comes_once_late_and_for_today_only(
    house: House, post: list[EmailMessage]
) -> None:
    written("2026-04-16 07:30")
    written("2026-04-18 16:00")
    notifications.deliver_due(at("2026-04-18 16:00"))
    mine = [mail.subject for mail in post if mail.to == ["rj-crc@site.example"]]
    assert mine == ["Daymark, Sat 18 Apr: nothing is open for you"]
    states = Notification.objects.filter(kind="digest", recipient=house["crc"]).order_by("digest_for")
    assert list(states.values_list("status", flat=True)) == ["withdrawn", "sent"]


def test_one_of_yesterday_is_not_sent_today(house: House, post: list[EmailMessage]) -> None:
    written("2026-04-17 23:50")
    assert notifications.deliver_due(at("2026-04-18 00:01")) == 0
    assert digest_of(house, "crc").status == "withdrawn"


def test_it_lists_what_is_open_for_ones_roles_by_due_time(house: House, participant: Participant) -> None:
    other = collected_woman(house, "RJ-002")
    plan(other, Step.LYMPHODEPLETION, "2026-04-19 18:00", by=house["crc"], now="2026-04-17 10:00")
    live_until(participant, "2026-04-18 09:00")
    written("2026-04-18 09:00")
    text = digest_of(house, "ward_nurse").text_body
    assert digest_of(house, "ward_nurse").subject == "Daymark, Sat 18 Apr: 2 open for you"
    assert text.index("RJ-002") < text.index("RJ-001: The collection window is open. Draw the serum sample.")
    for expected in (
        "By when: Mon 20 Apr 2026 09:00, Asia/Shanghai (UTC+8)",
        "Clause: hcg_48h_ld",
        f"http://127.0.0.1:8000/admin/tracker/participant/{participant.pk}/change/",
    ):
        assert expected in text
    assert "Nothing is open for you today." in digest_of(house, "pharmacist").text_body


def test_what_somebody_has_acknowledged_stays_listed_until_it_is_done(house: House, participant: Participant) -> None:
    live_until(participant, "2026-04-17 09:00")
    alerts.acknowledge(alert=Alert.objects.get(), by=house["crc"], now=at("2026-04-17 10:00"))
    written()
    assert "Order the serum test" in (text := digest_of(house, "crc").text_body)
    assert "(acknowledged)" in text


def test_who_was_told_because_nobody_else_is_there_reads_it_too(db: None) -> None:
    house = a_house(roles=("pi", "sub_i", "crc", "apheresis_nurse", "cell_lab"))
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-10 09:00")
    live_until(participant, "2026-04-18 09:00")
    written("2026-04-18 09:00")
    assert "Draw the serum sample" in digest_of(house, "pi").text_body


def test_what_was_escalated_is_listed_for_whom_it_was_escalated_to(house: House, participant: Participant) -> None:
    live_until(participant, "2026-04-17 20:59")
    written("2026-04-17 20:59")
    assert "Nothing is open" in digest_of(house, "sub_i").text_body
    live_until(participant, "2026-04-17 21:00")
    written()
    assert "Order the serum test" in digest_of(house, "sub_i").text_body


def test_a_snooze_leaves_it_out_for_one_person_until_it_ends(house: House, participant: Participant) -> None:
    colleague = employ(house, "crc", "colleague")
    live_until(participant, "2026-04-17 09:00")
    alerts.snooze(
        alert=Alert.objects.get(), by=house["crc"], until=at("2026-04-18 08:00"), reason="ordered",
        now=at("2026-04-17 10:00"),
    )  # fmt: skip
    written()
    assert "Nothing is open" in digest_of(house, "crc").text_body
    assert "Order the serum test" in Notification.objects.get(kind="digest", recipient=colleague).text_body
    with unaudited():
        Notification.objects.filter(kind="digest").delete()
    written("2026-04-18 08:00")
    assert "Order the serum test" in digest_of(house, "crc").text_body


def test_it_is_written_again_as_things_stand_when_it_is_sent(
    house: House, participant: Participant, post: list[EmailMessage]
) -> None:
    live_until(participant, "2026-04-18 09:00")
    written("2026-04-18 09:00")
    hcg(participant, house, "2026-04-18 09:30", "2026-04-18 10:00")
    notifications.deliver_due(at("2026-04-18 10:00"))
    (mail,) = [each for each in post if each.to == ["rj-ward_nurse@site.example"] and "Daymark" in each.subject]
    assert "Nothing is open for you today." in mail.body
    assert digest_of(house, "ward_nurse").text_body == mail.body


def test_who_has_left_gets_none(house: House, post: list[EmailMessage]) -> None:
    Assignment.objects.filter(role="crc").update(valid_until=date(2026, 4, 17))
    written()
    assert "rj-crc" not in readers()
    Assignment.objects.filter(role="pi").update(valid_until=date(2026, 4, 17))
    notifications.deliver_due(at(MORNING))
    assert "rj-pi@site.example" not in {mail.to[0] for mail in post}
    assert digest_of(house, "pi").status == "withdrawn"


def test_nobody_reads_of_another_site(house: House, participant: Participant) -> None:
    elsewhere = a_house("ZS", study=house.study)
    live_until(participant, "2026-04-17 09:00")
    written()
    assert "Order the serum test" in digest_of(house, "crc").text_body
    assert "Nothing is open" in digest_of(elsewhere, "crc").text_body


def test_who_works_at_two_sites_reads_one_digest_on_the_clock_of_the_first(house: House) -> None:
    berlin = a_house("BER", study=house.study, zone="Europe/Berlin", roles=())
    both = employ(house, "crc", "both")
    Assignment.objects.create(user=both, study=house.study, site=berlin.site, role="pi", valid_from=date(2020, 1, 1))
    written("2026-04-18 13:29")
    assert "both" not in readers()
    written("2026-04-18 13:30")
    assert Notification.objects.get(kind="digest", recipient=both).site == berlin.site


def test_who_only_reads_is_written_to_when_she_was_told_something(house: House, participant: Participant) -> None:
    live_until(participant, "2026-04-17 09:00")
    alert = Alert.objects.get()
    alert.tell = ["crc", "sponsor"]
    alert.save()
    notifications.tell_of([(alert, participant)], at("2026-04-17 09:00"))
    written()
    assert "Order the serum test" in digest_of(house, "sponsor").text_body
    assert "rj-sponsor" in readers()
    assert "rj-monitor" not in readers()


def test_a_reader_of_chinese_reads_chinese(house: House, participant: Participant) -> None:
    house["crc"].language = "zh-hans"
    house["crc"].save()
    live_until(participant, "2026-04-17 09:00")
    written()
    mine = digest_of(house, "crc")
    assert mine.subject == "Daymark 4月18日 周六：您有1项待办"
    assert "请开具血清检查单" in mine.text_body
    assert "此每日汇总每天都会发送" in mine.text_body
    assert 'lang="zh-Hans"' in mine.html_body


def test_it_holds_nothing_clinical(house: House, participant: Participant) -> None:
    live_until(participant, "2026-04-19 09:00")
    hcg(participant, house, "2026-04-19 10:00", "2026-04-19 12:00", "positive")
    written("2026-04-19 13:00")
    protocol = protocol_of(house.study)
    recorded = [concept for concept in protocol.concepts.values() if concept.kind not in ("event", "date")]
    words = {concept.label for concept in recorded} | {"positive", "pregnancy", "hCG", "1990", "sclerosis"}
    clauses = set(participant.deadlines.values_list("clause", flat=True))
    for message in Notification.objects.filter(kind="digest"):
        text = f"{message.subject}\n{message.text_body}\n{message.html_body}"
        for clause in clauses:
            text = text.replace(clause, "")
        said = [word for word in words if re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text, re.IGNORECASE)]
        assert said == []


def test_how_many_participants_there_are_costs_no_queries(house: House, participant: Participant) -> None:
    def queries() -> int:
        with unaudited():
            Notification.objects.filter(kind="digest").delete()
        with CaptureQueriesContext(connection) as asked:
            written()
        return len(asked)

    live_until(participant, "2026-04-17 09:00")
    with_one = queries()
    for number in ("RJ-002", "RJ-003"):
        other = collected_woman(house, number)
        plan(other, Step.LYMPHODEPLETION, DOSE, by=house["crc"], now="2026-04-17 10:00")
    employ(house, "crc", "colleague")
    assert Alert.objects.filter(status="raised").count() == 3
    assert queries() == with_one
