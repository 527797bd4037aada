"""PostgreSQL's triggers."""

from collections.abc import Iterator

from tracker.audit.tables import APPEND_ONLY, EVENTS, REDACTIONS, SEALS, SECRET, Table

SALT = "replace(gen_random_uuid()::text, '-', '')"
"""What nobody guesses."""

_CAPTURE = f"""
CREATE OR REPLACE FUNCTION daymark_capture() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  is_new_secret boolean := TG_OP = 'UPDATE' AND before->'{SECRET}' IS DISTINCT FROM after->'{SECRET}';
  number text := coalesce(after, before)->>'id';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT jsonb_object_agg(key, before->key), jsonb_object_agg(key, value) INTO before, after
      FROM jsonb_each(after) WHERE before->key IS DISTINCT FROM value;
  END IF;
  before := before - '{SECRET}';
  after := after - '{SECRET}';
  IF is_new_secret THEN
    after := coalesce(after, '{{}}') || '{{"{SECRET}_changed": true}}';
  END IF;
  INSERT INTO {EVENTS} (at, "table", "row", operation, old, new, actor, reason, request_id, program, salt)
  VALUES (clock_timestamp(), TG_TABLE_NAME, number, lower(TG_OP), before, after,
    nullif(current_setting('daymark.actor', true), '')::bigint,
    coalesce(current_setting('daymark.reason', true), ''), coalesce(current_setting('daymark.request_id', true), ''),
    left(current_setting('application_name'), 100), {SALT});
  RETURN NULL;
END $$"""

_REFUSE = """
CREATE OR REPLACE FUNCTION daymark_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""

_CONFIRMED = "r.confirmed_by_id IS NOT NULL AND r.done_at IS NULL"

_KEEP = f"""
CREATE OR REPLACE FUNCTION daymark_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM jsonb_each(to_jsonb(NEW)) n WHERE to_jsonb(OLD)->n.key IS DISTINCT FROM n.value AND NOT EXISTS (
      SELECT 1 FROM {REDACTIONS} r WHERE r."table" = TG_TABLE_NAME AND r."column" = n.key
        AND r.rows @> to_jsonb(OLD.id) AND {_CONFIRMED}))
  THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF;
  RETURN NEW;
END $$"""
"""Rows that are written once: nothing changes but what is being taken out."""

_KEEP_EVENT = f"""
CREATE OR REPLACE FUNCTION daymark_keep_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.id, OLD.at, OLD."table", OLD."row", OLD.operation, OLD.actor, OLD.request_id, OLD.program) IS DISTINCT FROM
     (NEW.id, NEW.at, NEW."table", NEW."row", NEW.operation, NEW.actor, NEW.request_id, NEW.program)
  OR NOT EXISTS (
    SELECT 1 FROM {REDACTIONS} r WHERE {_CONFIRMED}
      AND (OLD.old - r."column") IS NOT DISTINCT FROM (NEW.old - r."column")
      AND (OLD.new - r."column") IS NOT DISTINCT FROM (NEW.new - r."column"))
  THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF;
  RETURN NEW;
END $$"""
"""Events: nothing changes but the column that is being taken out, the reason, and the salts."""

_KEEP_REDACTION = """
CREATE OR REPLACE FUNCTION daymark_keep_redaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.done_at IS NOT NULL OR (OLD."table", OLD."column", OLD.rows, OLD.reason) IS DISTINCT FROM
     (NEW."table", NEW."column", NEW.rows, NEW.reason)
  THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF;
  RETURN NEW;
END $$"""


def statements(tables: list[Table]) -> Iterator[str]:
    """What installs the triggers, however often it is done."""
    yield from (_CAPTURE, _REFUSE, _KEEP, _KEEP_EVENT, _KEEP_REDACTION)
    for table in tables:
        yield from _captured(table.name)
        yield from _kept(table)
    yield _refused(f"{SEALS}_kept", "UPDATE OR DELETE", SEALS, "ROW")
    yield _refused(f"{EVENTS}_kept", "DELETE", EVENTS, "ROW")
    yield _refused(f"{EVENTS}_not_changed", "UPDATE", EVENTS, "ROW", "daymark_keep_event")
    for name in APPEND_ONLY:
        yield _refused(f"{name}_not_emptied", "TRUNCATE", name, "STATEMENT")


def image(table: Table) -> str:
    """A row as its insertion was written down."""
    return f"to_jsonb(this_row) - '{SECRET}'" if table.has_secret else "to_jsonb(this_row)"


INSTALLED = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"


def _captured(name: str) -> Iterator[str]:
    call = "FOR EACH ROW EXECUTE FUNCTION daymark_capture()"
    yield f"CREATE OR REPLACE TRIGGER {name}_audit AFTER INSERT OR DELETE ON {name} {call}"
    changed = "WHEN (OLD.* IS DISTINCT FROM NEW.*)"
    call = f"FOR EACH ROW {changed} EXECUTE FUNCTION daymark_capture()"
    yield f"CREATE OR REPLACE TRIGGER {name}_audit_change AFTER UPDATE ON {name} {call}"


def _kept(table: Table) -> Iterator[str]:
    """No row is deleted; some are never changed, but for what is being taken out of them."""
    name = table.name
    yield _refused(f"{name}_kept", "TRUNCATE", name, "STATEMENT")
    if not table.is_link:
        yield _refused(f"{name}_not_deleted", "DELETE", name, "ROW")
    if table.is_written_once:
        yield _refused(f"{name}_not_changed", "UPDATE", name, "ROW", "daymark_keep")
    if name == REDACTIONS:
        yield _refused(f"{name}_not_changed", "UPDATE", name, "ROW", "daymark_keep_redaction")


def _refused(trigger: str, operation: str, name: str, each: str, function: str = "daymark_refuse") -> str:
    refuse = f"FOR EACH {each} EXECUTE FUNCTION {function}()"
    return f"CREATE OR REPLACE TRIGGER {trigger} BEFORE {operation} ON {name} {refuse}"
