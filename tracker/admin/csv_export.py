"""Tables for spreadsheets: UTF-8 that Excel recognises, and no cell that a spreadsheet would calculate."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

_BOM = "\ufeff"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_response(file_name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A CSV file to save. Every cell that a spreadsheet would take for a formula begins with an apostrophe."""
    response = HttpResponse(_BOM, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file_name)
    writer = csv.writer(response)
    writer.writerow([safe_cell(cell) for cell in header])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return response


def safe_cell(cell: object) -> str:
    """The text of a cell, which no spreadsheet calculates."""
    text = "" if cell is None else str(cell)
    # What follows blanks is calculated all the same by some of them.
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else text
