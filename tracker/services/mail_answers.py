"""What a mail server answered when it would not take a message: whose fault it was. Numbers only, never its words."""

import re
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

CLOSING = 421
"""What a mail server answers to anything when it is about to hang up (RFC 5321, 4.2.3)."""

FAILURES = (OSError, SMTPException, ValueError)
"""Everything that sending can raise."""

_PERMANENT = range(500, 600)
_ABOUT_US = frozenset({500, 501, 502, 503, 504, 530, 534, 535, 538})
"""The command or the sign-in is wrong (RFC 5321, 4.2.2; RFC 4954, 6): every address would be refused with these."""

_NAMES_THE_MAILBOX = frozenset({551, 553})
_ENHANCED = re.compile(rb"\d\.\d{1,3}\.\d{1,3}\b")
_ABOUT_THE_ADDRESS = ("5.1.", "5.2.")
"""Addressing and mailbox status (RFC 3463, 3.2 and 3.3)."""


def numbers_of(error: Exception) -> str:
    """The kind of an error and the server's code: its words may quote the message or an address."""
    if isinstance(error, SMTPRecipientsRefused):
        codes = {str(code) for code, _reason in error.recipients.values()}
        return f"{type(error).__name__} {' '.join(sorted(codes))}"
    code = f" {error.smtp_code}" if isinstance(error, SMTPResponseException) else ""
    return f"{type(error).__name__}{code}"


def is_about_this_message(error: Exception) -> bool:
    """Whether the server refused one message and would take others; 421 says that it takes none."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code != CLOSING for code, _reason in error.recipients.values())
    if isinstance(error, SMTPDataError):
        return error.smtp_code != CLOSING
    return isinstance(error, ValueError)


def refusal_of_the_address(error: Exception) -> str:
    """The number with which the server refused the reader's address for good; "" where it did not.

    It does so before the text with any permanent answer that is not about our own command or sign-in, and after the
    text only with one that names the mailbox: a text that it does not like says nothing about the reader.
    """
    if isinstance(error, SMTPRecipientsRefused):
        refused = [(code, reason) for code, reason in error.recipients.values() if _is_for_good(code)]
        return _numbers(*refused[0]) if refused else ""
    if isinstance(error, SMTPDataError) and _is_for_good(error.smtp_code):
        numbers = _numbers(error.smtp_code, error.smtp_error)
        names_it = error.smtp_code in _NAMES_THE_MAILBOX if numbers.isdigit() else _is_about_the_address(numbers)
        return numbers if names_it else ""
    return ""


def _is_for_good(code: int) -> bool:
    return code in _PERMANENT and code not in _ABOUT_US


def _is_about_the_address(numbers: str) -> bool:
    return numbers.split()[1].startswith(_ABOUT_THE_ADDRESS)


def _numbers(code: int, reason: bytes | str) -> str:
    """The code, and the enhanced one where the answer begins with it: 550 5.1.1."""
    found = _ENHANCED.match(reason if isinstance(reason, bytes) else reason.encode())
    return f"{code} {found[0].decode()}" if found else str(code)
