-- Each event with its signups: invited (all but walk-ins), registered (said yes, or was expected), confirmed, attended
-- (walk-ins included), no_show, walk_in, declined, cancelled, and how many different people. A person with two signups counts
-- twice in the steps and once in people. Events that no tool describes keep a row, without a name.
WITH signup AS (
    SELECT
        s.org,
        s.event_ref,
        s.rsvp_status AS rsvp,
        s.attendance,
        coalesce(m.person_id, s.person_ref, s.source_urn) AS person
    FROM entity_signup AS s
    LEFT JOIN identity_person_map AS m ON m.source_urn = s.person_ref
), steps AS (
    SELECT
        org,
        event_ref,
        count(*) AS signups,
        count(*) FILTER (attendance IS DISTINCT FROM 'walk_in') AS invited,
        count(*) FILTER (attendance IS DISTINCT FROM 'walk_in' AND (rsvp IN ('registered', 'confirmed') OR attendance IN ('attended', 'no_show'))) AS registered,
        count(*) FILTER (rsvp = 'confirmed') AS confirmed,
        count(*) FILTER (attendance IN ('attended', 'walk_in')) AS attended,
        count(*) FILTER (attendance = 'no_show') AS no_show,
        count(*) FILTER (attendance = 'walk_in') AS walk_in,
        count(*) FILTER (rsvp = 'declined') AS declined,
        count(*) FILTER (rsvp = 'cancelled') AS cancelled,
        count(DISTINCT person) AS people
    FROM signup
    GROUP BY ALL
)
SELECT
    coalesce(e.org, s.org) AS org,
    coalesce(e.source_urn, s.event_ref) AS event_ref,
    e.name AS event_name,
    e.event_type,
    e.status,
    e.start_at,
    coalesce(try_cast(e.local_date AS DATE), e.start_at::DATE) AS day,
    e.vendor,
    e.instance,
    coalesce(s.signups, 0) AS signups,
    coalesce(s.invited, 0) AS invited,
    coalesce(s.registered, 0) AS registered,
    coalesce(s.confirmed, 0) AS confirmed,
    coalesce(s.attended, 0) AS attended,
    coalesce(s.no_show, 0) AS no_show,
    coalesce(s.walk_in, 0) AS walk_in,
    coalesce(s.declined, 0) AS declined,
    coalesce(s.cancelled, 0) AS cancelled,
    coalesce(s.people, 0) AS people
FROM entity_event AS e
FULL JOIN steps AS s ON s.event_ref = e.source_urn AND s.org = e.org
