"""Wires the program together: settings from the environment, the task queue, the addresses."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
