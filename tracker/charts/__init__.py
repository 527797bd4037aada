"""The timeline of a journey: what stands on it, where it stands, and the same as a table. Reads one evaluation."""

from tracker.charts.chart import Chart, chart_of
from tracker.charts.drawing import DESK, PHONE, Drawing, draw
from tracker.charts.table import Row, rows_of

__all__ = ["DESK", "PHONE", "Chart", "Drawing", "Row", "chart_of", "draw", "rows_of"]
