# One image for the web, the worker and the beat; docs/operations.md says that it was not built where it was written.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

# What PDF files are drawn with, and the fonts for Chinese on paper.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY manage.py ./
COPY config config
COPY locale locale
COPY workflow workflow
COPY tracker tracker
# What `manage.py qualify` lives through.
COPY tests/journeys/golden tests/journeys/golden

# The static files are part of the image; at run time only the heads of the audit trail are written, into a volume.
RUN DAYMARK_SECRET_KEY=unused python manage.py collectstatic --no-input --verbosity 0 \
    && useradd --system --no-create-home daymark \
    && install --directory --owner daymark /var/lib/daymark
USER daymark

EXPOSE 8000
# The web; compose.yaml says what the other services run.
CMD ["gunicorn", "--config", "python:config.gunicorn", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "config.wsgi"]
