-- A year of reports. One in five joins the case of the one before. Every case has its target below one of the accounts, a clock, and all but the
-- newest a decision; three decisions in ten have an action, one in fifty an appeal. Accounts have sixty days.
CREATE TEMPORARY TABLE made AS
SELECT n, at, uuidv7(at - now()) AS report, uuidv7(at - now()) AS "case", uuidv7(at - now()) AS target,
    uuidv7(at - now()) AS decision, (n::bigint * 7919 %% %(reports)s)::int AS mixed
FROM generate_series(1, %(reports)s) AS n,
    LATERAL (SELECT now() - interval '1 hour' - (%(reports)s - n) * (interval '365 days' / %(reports)s) AS at) AS t;
INSERT INTO targets_target (id, product_id, kind, ref, name, email, language, plan, country, state, strikes, details)
SELECT ('00000002-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(product)s, 'account', 'a-' || n, '', '', '', '', '',
    'active', 0, '{}' FROM generate_series(0, %(accounts)s - 1) AS n;
INSERT INTO targets_target (id, product_id, parent_id, kind, ref, name, email, language, plan, country, state, strikes, details)
SELECT target, %(product)s, ('00000002-0000-7000-8000-' || lpad(to_hex(mixed %% %(accounts)s), 12, '0'))::uuid, 'user', 'u-' || n,
    '', '', '', '', '', 'active', 0, '{}' FROM made WHERE n %% 5 <> 0;
INSERT INTO intake_report (id, product_id, channel, category, target_kind, target_ref, target_name, target_tree, reporter_key,
    reporter_name, reporter_email, language, subject, text, url, received_at, external_ref, extra)
SELECT report, %(product)s, 'form', (%(categories)s::text[])[1 + mixed %% 6], 'user', 'u-' || n, '', '[]',
    'user:meet:a-' || mixed %% %(accounts)s, '', '', 'en', 'A report', repeat('What happened here. ', 10), '', at, '', '{}' FROM made;
INSERT INTO review_case (id, number, product_id, target_id, category, severity, tier, language, queue_id, state, opened_at, due_at,
    decided_at, report_count, reporter_count, mass_reported)
SELECT "case", 1000000 + n, %(product)s, target, (%(categories)s::text[])[1 + mixed %% 6], 1 + mixed %% 4, 1, 'en',
    %(queue)s + mixed %% 16, CASE WHEN n < 0.99 * %(reports)s THEN 'decided' ELSE 'open' END, at, at + interval '1 day',
    CASE WHEN n < 0.99 * %(reports)s THEN at + (mixed %% 30) * interval '1 hour' END, 1, 1, false FROM made WHERE n %% 5 <> 0;
INSERT INTO review_casereport (report_id, case_id, reporter_key)
SELECT one.report, coalesce(own."case", other."case"), 'user:meet:a-' || one.mixed %% %(accounts)s
FROM made one LEFT JOIN made own ON own.n = one.n AND one.n %% 5 <> 0 LEFT JOIN made other ON other.n = one.n - 1 AND one.n %% 5 = 0;
INSERT INTO review_work (case_id, queue_id, severity, rank, due_at, tier, category, language, skipped_by)
SELECT id, queue_id, severity, 0, due_at, tier, category, language, '{}' FROM review_case WHERE state = 'open';
INSERT INTO review_decision (id, case_id, tier, category, finding, rationale, facts, notify, actions, assignment, automated, claimed_at,
    decided_at, undo_until, work, settled, policy_version_id, reviewer_id)
SELECT decision, "case", 1, (%(categories)s::text[])[1 + mixed %% 6], CASE WHEN mixed %% 10 < 3 THEN 'violation' ELSE 'no-violation' END,
    'Because.', '', true, '[]', CASE WHEN mixed %% 20 = 0 THEN 'random' ELSE 'pull' END, false, done - interval '4 minutes', done,
    done + interval '5 minutes', '{}', true, %(version)s, (%(reviewers)s::uuid[])[1 + mixed %% 50]
FROM made, LATERAL (SELECT at + (mixed %% 30) * interval '1 hour' + (3 + mixed %% 7) * interval '1 minute' AS done) AS d
WHERE n %% 5 <> 0 AND n < 0.99 * %(reports)s;
INSERT INTO enforcement_action (id, case_id, decision_id, kind, parameters, state, not_before, done_at, policy_version_id, target_id)
SELECT uuidv7(d.decided_at - now()), d.case_id, d.id, 'warn', '{}', 'done', d.decided_at, d.decided_at, d.policy_version_id, c.target_id
FROM review_decision d JOIN review_case c ON c.id = d.case_id WHERE d.finding = 'violation';
INSERT INTO appeals_appeal (id, number, side, language, address, statement, state, tier, received_at, due_at, outcome, reasons, answer,
    decided_at, category, first_tier, automated, case_id, decision_id)
SELECT uuidv7(at - now()), n, 'affected', 'en', '', 'No.', 'decided', 4, at, at + interval '7 days',
    CASE WHEN mixed %% 5 = 0 THEN 'overturned' ELSE 'upheld' END, '', '', at + interval '5 days', 'spam', 1, false, "case", decision
FROM made WHERE n %% 5 <> 0 AND n < 0.99 * %(reports)s AND mixed %% 50 = 1;
INSERT INTO record_clock (id, subject_kind, subject_id, name, rule, amount, owner_kind, started_at, due_at, stopped_at)
SELECT uuidv7(opened_at - now()), 'case', id, 'first decision', 'elapsed', interval '1 day', 'queue', opened_at, due_at, decided_at FROM review_case;
INSERT INTO value_accountday (account_id, date, plan, revenue, active, churned_at, market)
SELECT 'a-' || n, current_date - day, 'pro', 2.5, (n + day) %% 3 > 0, NULL, 'm' || n %% 8
FROM generate_series(0, %(accounts)s - 1) AS n, generate_series(1, 60) AS day;
ANALYZE targets_target, intake_report, review_case, review_casereport, review_work, review_decision, enforcement_action, appeals_appeal, record_clock,
    value_accountday;
