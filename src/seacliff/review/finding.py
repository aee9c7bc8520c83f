"""Finding cases: the search documents, and searching them by words and facets."""

from django.db import connection, transaction

REPORTS_MOST = 20
TEXT_MOST = 4000
AT_ONCE = 200

# No stemming: reports come in every language. A name such as "b.lindner" is found whole and by its parts.
# What names the case and its account tree weighs more than what was said.
INDEX = """
WITH RECURSIVE batch AS MATERIALIZED (
    DELETE FROM review_unindexed WHERE case_id IN (
        SELECT case_id FROM review_unindexed ORDER BY case_id LIMIT %(some)s FOR UPDATE SKIP LOCKED)
    RETURNING case_id
), tree AS (
    SELECT c.id AS case_id, t.parent_id, t.name, t.ref, 0 AS depth
    FROM batch JOIN review_case c ON c.id = batch.case_id JOIN targets_target t ON t.id = c.target_id
    UNION ALL
    SELECT tree.case_id, t.parent_id, t.name, t.ref, tree.depth + 1
    FROM tree JOIN targets_target t ON t.id = tree.parent_id WHERE tree.depth < 8
), named AS (
    SELECT case_id, string_agg(concat_ws(' ', name, ref), ' ') AS words FROM tree GROUP BY 1
), said AS (
    SELECT batch.case_id, string_agg(concat_ws(' ', r.subject, r.url, r.external_ref, r.reporter_name, r.reporter_email,
        left(r.text, %(most)s)), ' ') AS words
    FROM batch CROSS JOIN LATERAL (
        SELECT report_id FROM review_casereport cr WHERE cr.case_id = batch.case_id ORDER BY report_id LIMIT %(reports)s
    ) first JOIN intake_report r ON r.id = first.report_id GROUP BY 1
)
INSERT INTO review_searchdocument (case_id, document)
SELECT c.id, setweight(to_tsvector('simple', concat_ws(' ', 'c-' || c.number, named.words,
    regexp_replace(named.words, '[[:punct:]]+', ' ', 'g'))), 'A')
    || setweight(to_tsvector('simple', coalesce(said.words, '')), 'B')
FROM review_case c JOIN named ON named.case_id = c.id LEFT JOIN said ON said.case_id = c.id
ON CONFLICT (case_id) DO UPDATE SET document = EXCLUDED.document
"""


def index_some() -> int:
    """Write the search documents of one batch of cases; how many. Reports beyond the first twenty add nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INDEX, {"some": AT_ONCE, "most": TEXT_MOST, "reports": REPORTS_MOST})
        return cursor.rowcount
