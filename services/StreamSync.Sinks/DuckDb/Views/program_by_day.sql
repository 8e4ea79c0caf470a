-- The program by day and channel: touches, how many answered, how many people and canvassers, and how many contacts have no
-- canvasser's name. day is null for touches whose tool gives no usable time; people counts unresolved records as people of their own.
SELECT
    org,
    coalesce(try_cast(local_date AS DATE), occurred_at::DATE) AS day,
    channel,
    count(*) AS touches,
    count(*) FILTER (kind = 'contact_attempt' AND outcome IN ('canvassed', 'replied', 'refused', 'opted_out')) AS talked,
    count(DISTINCT coalesce(person_id, person_ref, source_urn)) AS people,
    count(*) FILTER (person_id IS NULL) AS unresolved,
    count(DISTINCT coalesce(canvasser_ref, instance || '/' || canvasser_id)) FILTER (kind = 'contact_attempt') AS canvassers,
    count(*) FILTER (kind = 'contact_attempt' AND nullif(trim(canvasser_name), '') IS NULL) AS canvasser_unknown
FROM activity_touch
GROUP BY ALL
