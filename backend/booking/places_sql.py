"""The statements of places.py, put together once, at import, from pieces that hold no input.

A place is given to a new booking or to one that moves, in a published session (whose row the caller has locked) or in a
talk that is made by being booked.
"""

from sqlalchemy import text

# A seat of a locked session. From an offer the seat is counted already.
_SEAT = """
    WITH seat AS (
        UPDATE activity_session
        SET held = held + CAST(:held AS int), taken = taken + CAST(:taken AS int),
            offered = offered - CAST(:offered AS int)
        WHERE id = :session AND state = 'open' AND taken + held + offered < capacity + CAST(:offered AS int)
        RETURNING id, staff_id, starts_at, ends_at, lead_minutes, own_minutes,
            CASE WHEN kind = 'joint_talk' THEN (
                SELECT min(n) FROM generate_series(1, capacity) AS n WHERE n NOT IN (
                    SELECT position FROM booking
                    WHERE session_id = :session AND state IN ('held', 'booked') AND position IS NOT NULL))
            END AS position),
"""
# An adviser's time: whoever is second gets no row, and waits until the first has committed or given up. A member who is
# to come in person is told where, also when the adviser's hours say nothing of it: at the branch.
_TALK = """
    WITH own AS (
        INSERT INTO staff_time (session_id, staff_id, span, held_until)
        VALUES (:session, :staff, tstzrange(:starts_at, :ends_at), CAST(:held_until AS timestamptz))
        ON CONFLICT DO NOTHING RETURNING session_id),
    seat AS (
        INSERT INTO activity_session (id, activity, kind, branch_id, staff_id, starts_at, ends_at, local_start, zone,
            form, place, language, audience, capacity, taken, held, closes_at, state)
        SELECT session_id, :activity, 'talk', CAST(:branch AS uuid), CAST(:staff AS uuid),
            CAST(:starts_at AS timestamptz), CAST(:ends_at AS timestamptz), CAST(:local_start AS timestamp), :zone,
            :form, coalesce(CAST(:place AS text), (SELECT name || ', ' || city FROM branch
                WHERE id = CAST(:branch AS uuid) AND :form = 'personal')), :language, '{}', 1,
            CAST(:taken AS int), CAST(:held AS int), CAST(:closes_at AS timestamptz), 'open'
        FROM own
        RETURNING id, staff_id, starts_at, ends_at, lead_minutes, own_minutes, CAST(NULL AS int) AS position),
"""
_NEW = """
    placed AS (
        INSERT INTO booking (id, member_id, session_id, state, held_until, position, booked_by, created_at, booked_at,
            changed_at)
        SELECT :booking, :member, seat.id, CAST(:state AS text), CAST(:held_until AS timestamptz), seat.position,
            CAST(:by AS uuid), :now, CASE CAST(:state AS text) WHEN 'booked' THEN CAST(:now AS timestamptz) END, :now
        FROM seat RETURNING id, member_id, position),
"""
_MOVED = """
    placed AS (
        UPDATE booking AS b
        SET session_id = seat.id, position = seat.position, sequence = b.sequence + 1, changed_at = :now
        FROM seat WHERE b.id = :booking AND b.member_id = :member AND b.state = 'booked'
        RETURNING b.id, b.member_id, b.position),
"""
# The turn in a joint talk decides when a member is done.
_TIME = """
    times AS (
        INSERT INTO member_time (booking_id, member_id, span)
        SELECT placed.id, placed.member_id, tstzrange(seat.starts_at, CASE
            WHEN placed.position IS NULL THEN seat.ends_at
            ELSE seat.starts_at + make_interval(mins => seat.lead_minutes + placed.position * seat.own_minutes) END)
        FROM placed, seat),
    told AS (
        INSERT INTO booking_history (id, booking_id, at, event, staff_id, detail)
        SELECT :history, placed.id, :now, :event, CAST(:by AS uuid), jsonb_build_object('session', seat.id)
        FROM placed, seat)
    SELECT placed.id AS booking_id, seat.id AS session_id, seat.staff_id, CASE
        WHEN placed.position IS NULL THEN seat.starts_at
        ELSE seat.starts_at + make_interval(mins => seat.lead_minutes + (placed.position - 1) * seat.own_minutes)
        END AS starts_at, placed.position
    FROM placed, seat
"""
BOOK_SEAT = text(_SEAT + _NEW + _TIME)
MOVE_TO_SEAT = text(_SEAT + _MOVED + _TIME)
BOOK_TALK = text(_TALK + _NEW + _TIME)
MOVE_TO_TALK = text(_TALK + _MOVED + _TIME)
# Gives back what a place took: the seat, for a talk the adviser's time and the session itself, and the member's time.
_FREE = """
    seat AS (
        UPDATE activity_session AS s
        SET taken = s.taken - CASE old.state WHEN 'booked' THEN 1 ELSE 0 END,
            held = s.held - CASE old.state WHEN 'held' THEN 1 ELSE 0 END,
            state = CASE WHEN s.kind = 'talk' THEN 'cancelled' ELSE s.state END,
            sequence = s.sequence + CASE WHEN s.kind = 'talk' THEN 1 ELSE 0 END,
            cancel_reason = CASE WHEN s.kind = 'talk' THEN CAST(:session_reason AS text) END
        FROM old WHERE s.id = old.session_id
        RETURNING s.id, s.kind),
    advisers AS (DELETE FROM staff_time AS t USING seat WHERE t.session_id = seat.id AND seat.kind = 'talk'),
    times AS (DELETE FROM member_time AS t USING old WHERE t.booking_id = old.id),
"""
_OLD = """
    WITH old AS (SELECT id, session_id, state FROM booking WHERE id = :booking AND state IN ('held', 'booked')),
"""
_CANCELLED = """
    ended AS (
        UPDATE booking AS b
        SET state = 'cancelled', held_until = NULL, position = NULL, sequence = b.sequence + 1, cancelled_at = :now,
            cancel_reason = :reason, lawful = :lawful, changed_at = :now
        FROM old WHERE b.id = old.id RETURNING b.id),
    told AS (
        INSERT INTO booking_history (id, booking_id, at, event, staff_id, detail)
        SELECT :history, ended.id, :now, 'cancelled', CAST(:by AS uuid),
            jsonb_build_object('reason', CAST(:reason AS text))
        FROM ended)
    SELECT id, kind FROM seat
"""
_NO_MORE = """
    done AS (SELECT)
    SELECT id, kind FROM seat
"""
CANCEL = text(_OLD + _FREE + _CANCELLED)
LEAVE = text(_OLD + _FREE + _NO_MORE)
CONFIRM = text("""
    WITH own AS (
        UPDATE booking SET state = 'booked', held_until = NULL, booked_at = :now, changed_at = :now
        WHERE id = :booking AND state = 'held' AND held_until > :now
        RETURNING id, session_id),
    seat AS (
        UPDATE activity_session AS s SET held = s.held - 1, taken = s.taken + 1 FROM own WHERE s.id = own.session_id
        RETURNING s.id),
    advisers AS (UPDATE staff_time AS t SET held_until = NULL FROM own WHERE t.session_id = own.session_id),
    told AS (
        INSERT INTO booking_history (id, booking_id, at, event, staff_id, detail)
        SELECT :history, own.id, :now, 'confirmed', CAST(:by AS uuid), '{}' FROM own)
    SELECT id FROM own
""")
