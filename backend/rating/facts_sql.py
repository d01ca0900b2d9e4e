"""The statements that fetch what the rule reads, for a set of members at a time.

Each takes the members' ids as $1 and, where it looks at dated things, the day rated as $2.
"""

# First and by itself: the statements after it then see what another transaction committed while this one waited.
LOCK = "SELECT FROM rating_current WHERE member_id = ANY($1::uuid[]) ORDER BY member_id FOR UPDATE"

ENROL = """
INSERT INTO rating_current (member_id, since)
SELECT m.id, m.unemployed_from FROM member m
WHERE m.id = ANY($1::uuid[]) AND NOT EXISTS (SELECT FROM rating_current c WHERE c.member_id = m.id)
ORDER BY m.id ON CONFLICT DO NOTHING
"""

# The requirement valid on the day; for a member whose first one lies ahead, that one. Without any there is no agreement
# to rate against, so the member is left out.
MEMBERS = """
SELECT c.member_id, c.colour, m.unemployed_from, m.insurance,
       r.min_per_week, r.min_posted_per_week, r.uploads_per_month,
       (SELECT max(i.held_on) FROM call_in i WHERE i.member_id = m.id AND i.held_on <= $2) AS reset_on,
       ARRAY(SELECT s.completed_on FROM service_call s
             WHERE s.member_id = m.id AND s.completed_on <= $2
               AND s.state = 'done' AND s.outcome <> 'not_reached') AS calls,
       o.colour AS override_colour, o.until AS override_until,
       h.counted, h.required, h.due_days, h.trailing_zero_weeks, h.reasons
FROM rating_current c
JOIN member m ON m.id = c.member_id
JOIN LATERAL (SELECT q.min_per_week, q.min_posted_per_week, q.uploads_per_month
              FROM search_requirement q WHERE q.member_id = m.id
              ORDER BY q.valid_from <= $2 DESC, abs(q.valid_from - $2), q.id DESC LIMIT 1) r ON true
LEFT JOIN rating_override o ON o.member_id = m.id AND o.ended_at IS NULL
LEFT JOIN rating h ON h.id = c.rating_id
WHERE c.member_id = ANY($1::uuid[])
"""

# A weekly rating is given once a day, and never for a day before that of the rating that holds.
DUE_FOR_WEEKLY = """
  AND (c.rated_on IS NULL OR c.rated_on <= $2)
  AND NOT EXISTS (SELECT FROM rating w WHERE w.member_id = c.member_id AND w.rated_on = $2 AND w.mode = 'weekly')
"""

# Of several exemptions the first given counts; ids grow with time.
EXEMPTIONS = """
SELECT member_id, type, from_on, to_on FROM exemption
WHERE member_id = ANY($1::uuid[]) AND cancelled_at IS NULL ORDER BY id
"""

# The rating just written holds now. `ratios` keeps the last eight of the weekly run; the trend is the last less the one
# before it, and nothing where nothing was required. A weekly rating leaves the mark of stale facts alone: it passes
# over the present week and, made for an earlier day, all that changed since.
HOLD = """
UPDATE rating_current c
SET rating_id = r.id, colour = r.colour, rated_on = r.rated_on, counted = r.counted, required = r.required,
    reasons = r.reasons, stale = c.stale AND r.mode = 'weekly',
    urgency = CASE r.colour WHEN 'red' THEN 0 WHEN 'yellow' THEN 1 WHEN 'none' THEN 2 WHEN 'green' THEN 3 ELSE 4 END,
    since = CASE WHEN c.colour = r.colour THEN c.since ELSE r.rated_on END,
    ratios = CASE WHEN weighed THEN (c.ratios || percent)[greatest(1, cardinality(c.ratios) - 6):] ELSE c.ratios END,
    trend = CASE WHEN r.mode = 'event' THEN c.trend
                 WHEN weighed THEN coalesce(percent - c.ratios[cardinality(c.ratios)], 0) ELSE 0 END
FROM unnest($1::uuid[]) AS written (id)
JOIN rating r ON r.id = written.id
CROSS JOIN LATERAL (SELECT r.mode = 'weekly' AND r.required > 0 AS weighed,
                           least(200, round(100.0 * r.counted / greatest(r.required, 1)))::smallint AS percent) AS ratio
WHERE c.member_id = r.member_id
"""

FRESH = "UPDATE rating_current SET stale = false WHERE member_id = ANY($1::uuid[]) AND stale"
