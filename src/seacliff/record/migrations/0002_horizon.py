from django.db import migrations

# One number to replace when the database is restored into a cluster whose transaction counter is behind: the offset.
HORIZON = """
CREATE FUNCTION record_tx_offset() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 0::bigint';
CREATE OR REPLACE FUNCTION record_tx() RETURNS bigint LANGUAGE sql VOLATILE
    AS 'SELECT pg_current_xact_id()::text::bigint + record_tx_offset()';
CREATE FUNCTION record_tx_horizon() RETURNS bigint LANGUAGE sql STABLE
    AS 'SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + record_tx_offset()';
"""


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]

    operations = [migrations.RunSQL(HORIZON, "DROP FUNCTION record_tx_horizon; DROP FUNCTION record_tx_offset CASCADE")]
