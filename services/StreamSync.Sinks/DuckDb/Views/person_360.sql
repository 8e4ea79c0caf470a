-- Each person with all that the program did with them, whatever the tool: touches by channel, first and last, events, donations.
-- donated counts each currency's amounts as they are; refunds are taken off, cancellations count nothing.
WITH touch AS (
    SELECT
        t.*,
        CASE d.kind WHEN 'refund' THEN -abs(try_cast(t.amount AS DECIMAL(18, 2))) WHEN 'cancellation' THEN 0 ELSE try_cast(t.amount AS DECIMAL(18, 2)) END AS money
    FROM activity_touch AS t
    LEFT JOIN entity_donation AS d ON d.source_urn = t.source_urn
    WHERE t.person_id IS NOT NULL
), counts AS (
    SELECT
        person_id,
        count(*) AS touches,
        count(*) FILTER (kind = 'contact_attempt' AND outcome IN ('canvassed', 'replied', 'refused', 'opted_out')) AS talked,
        count(*) FILTER (channel = 'door') AS door,
        count(*) FILTER (channel = 'phone') AS phone,
        count(*) FILTER (channel = 'sms') AS sms,
        count(*) FILTER (channel = 'email') AS email,
        count(*) FILTER (channel = 'relational') AS relational,
        count(*) FILTER (channel = 'digital') AS digital,
        count(*) FILTER (channel NOT IN ('door', 'phone', 'sms', 'email', 'relational', 'digital', 'event', 'donation')) AS other,
        count(*) FILTER (event_ref IS NOT NULL) AS signups,
        count(*) FILTER (attendance IN ('attended', 'walk_in')) AS attended,
        count(*) FILTER (kind = 'donation') AS donations,
        sum(money) FILTER (kind = 'donation') AS donated,
        min(occurred_at) AS first_touch_at,
        max(occurred_at) AS last_touch_at,
        arg_max(channel, occurred_at) AS last_channel
    FROM touch
    GROUP BY person_id
)
SELECT
    p.person_id,
    p.org,
    p.kind,
    p.display_name,
    p.first_name,
    p.last_name,
    p.email,
    p.phone,
    p.city,
    p.state,
    p.postal_code,
    p.vendors AS tools,
    p.record_count AS records,
    coalesce(c.touches, 0) AS touches,
    coalesce(c.talked, 0) AS talked,
    coalesce(c.door, 0) AS door_touches,
    coalesce(c.phone, 0) AS phone_touches,
    coalesce(c.sms, 0) AS sms_touches,
    coalesce(c.email, 0) AS email_touches,
    coalesce(c.relational, 0) AS relational_touches,
    coalesce(c.digital, 0) AS digital_touches,
    coalesce(c.other, 0) AS other_touches,
    coalesce(c.signups, 0) AS event_signups,
    coalesce(c.attended, 0) AS events_attended,
    coalesce(c.donations, 0) AS donations,
    coalesce(c.donated, 0)::DECIMAL(18, 2) AS donated,
    c.first_touch_at,
    c.last_touch_at,
    c.last_channel,
    p.source_urns
FROM identity_person AS p
LEFT JOIN counts AS c ON c.person_id = p.person_id
