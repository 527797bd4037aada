"""Whose fault it is that a mail server will not take a message."""

from smtplib import SMTPConnectError, SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused, SMTPServerDisconnected

import pytest

from tracker.services.mail_answers import is_about_this_message, numbers_of, refusal_of_the_address


def at_recipient(code: int, said: str) -> SMTPRecipientsRefused:
    return SMTPRecipientsRefused({"crc@site.example": (code, said.encode())})


@pytest.mark.parametrize(
    ("error", "numbers"),
    [
        (at_recipient(550, "5.1.1 no such user"), "550 5.1.1"),
        (at_recipient(550, "unknown"), "550"),
        (at_recipient(553, "not allowed"), "553"),
        (at_recipient(554, "5.7.1 policy"), "554 5.7.1"),
        (at_recipient(552, "5.2.2 over quota"), "552 5.2.2"),
        (at_recipient(450, "4.2.0 greylisted"), ""),
        (at_recipient(452, "too many"), ""),
        (at_recipient(421, "closing"), ""),
        (at_recipient(501, "5.5.4 syntax"), ""),
        (at_recipient(530, "5.7.0 sign in first"), ""),
        (at_recipient(535, "5.7.8 wrong password"), ""),
        (SMTPDataError(550, b"5.1.1 no such user"), "550 5.1.1"),
        (SMTPDataError(550, b"5.2.1 mailbox disabled"), "550 5.2.1"),
        (SMTPDataError(551, b"user not local"), "551"),
        (SMTPDataError(554, b"5.6.0 I do not like this text"), ""),
        (SMTPDataError(550, b"looks like spam"), ""),
        (SMTPDataError(554, b"transaction failed"), ""),
        (SMTPDataError(451, b"4.1.1 later"), ""),
        (SMTPSenderRefused(550, b"5.1.8 sender", "daymark@site.example"), ""),
        (SMTPConnectError(554, b"5.1.1 no service"), ""),
        (SMTPServerDisconnected("5.1.1"), ""),
    ],
)
def test_only_a_permanent_answer_about_the_reader_refuses_the_address(error: Exception, numbers: str) -> None:
    assert refusal_of_the_address(error) == numbers


@pytest.mark.parametrize(
    ("error", "is_its_own"),
    [
        (at_recipient(450, "later"), True),
        (at_recipient(530, "sign in first"), True),
        (at_recipient(421, "closing"), False),
        (SMTPDataError(554, b"no"), True),
        (SMTPDataError(421, b"closing"), False),
        (SMTPSenderRefused(530, b"sign in", "daymark@site.example"), False),
        (SMTPConnectError(421, b"busy"), False),
        (SMTPServerDisconnected("gone"), False),
        (TimeoutError(), False),
        (ValueError(), True),
    ],
)
def test_a_server_that_takes_nothing_is_told_from_one_that_refuses_one_message(
    error: Exception, is_its_own: bool
) -> None:
    assert is_about_this_message(error) == is_its_own


def test_the_servers_words_are_kept_nowhere() -> None:
    assert numbers_of(at_recipient(550, "5.1.1 transfusion of RJ-001")) == "SMTPRecipientsRefused 550"
    assert numbers_of(SMTPDataError(554, b"RJ-001")) == "SMTPDataError 554"
    assert numbers_of(TimeoutError("RJ-001")) == "TimeoutError"
