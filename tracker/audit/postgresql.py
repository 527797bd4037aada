"""PostgreSQL's triggers."""

from collections.abc import Iterator

from tracker.audit.tables import APPEND_ONLY, EVENTS, SECRET, Table

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
  INSERT INTO {EVENTS} (at, "table", "row", operation, old, new, actor, reason, request_id, program)
  VALUES (clock_timestamp(), TG_TABLE_NAME, number, lower(TG_OP), before, after,
    nullif(current_setting('daymark.actor', true), '')::bigint,
    coalesce(current_setting('daymark.reason', true), ''), coalesce(current_setting('daymark.request_id', true), ''),
    left(current_setting('application_name'), 100));
  RETURN NULL;
END $$"""

_REFUSE = """
CREATE OR REPLACE FUNCTION daymark_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""


def statements(tables: list[Table]) -> Iterator[str]:
    """What installs the triggers, however often it is done."""
    yield _CAPTURE
    yield _REFUSE
    for table in tables:
        yield from _captured(table.name)
        yield _refused(f"{table.name}_kept", "TRUNCATE", table.name, "STATEMENT")
    for name in APPEND_ONLY:
        yield _refused(f"{name}_kept", "UPDATE OR DELETE", name, "ROW")
        yield _refused(f"{name}_not_emptied", "TRUNCATE", name, "STATEMENT")


def image(table: Table) -> str:
    """A row as its insertion was written down."""
    return f"to_jsonb(rows) - '{SECRET}'" if table.has_secret else "to_jsonb(rows)"


INSTALLED = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"


def _captured(name: str) -> Iterator[str]:
    call = "FOR EACH ROW EXECUTE FUNCTION daymark_capture()"
    yield f"CREATE OR REPLACE TRIGGER {name}_audit AFTER INSERT OR DELETE ON {name} {call}"
    changed = "WHEN (OLD.* IS DISTINCT FROM NEW.*)"
    call = f"FOR EACH ROW {changed} EXECUTE FUNCTION daymark_capture()"
    yield f"CREATE OR REPLACE TRIGGER {name}_audit_change AFTER UPDATE ON {name} {call}"


def _refused(trigger: str, operation: str, name: str, each: str) -> str:
    refuse = f"FOR EACH {each} EXECUTE FUNCTION daymark_refuse()"
    return f"CREATE OR REPLACE TRIGGER {trigger} BEFORE {operation} ON {name} {refuse}"
