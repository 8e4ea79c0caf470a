-- Every contact, or try, with a voter: who was contacted, by whom and on what basis we know it, how, when, and what came of it.
-- canvasser_basis is 'unknown' where no tool says who it was: such rows stay, so that they can be counted.
-- talked is true when the voter answered: canvassed, replied, refused or opted_out.
SELECT
    t.org,
    t.person_id AS voter_person_id,
    voter.display_name AS voter_name,
    t.person_ref AS voter_ref,
    t.canvasser_id,
    nullif(trim(t.canvasser_name), '') AS canvasser_name,
    CASE WHEN nullif(trim(t.canvasser_name), '') IS NULL THEN 'unknown' ELSE coalesce(nullif(nullif(t.canvasser_basis, ''), 'none'), 'unknown') END AS canvasser_basis,
    t.canvasser_kind,
    worker.person_id AS canvasser_person_id,
    t.channel,
    t.direction,
    t.occurred_at,
    coalesce(try_cast(t.local_date AS DATE), t.occurred_at::DATE) AS day,
    t.outcome AS result,
    t.outcome_name AS result_name,
    t.outcome_code AS result_code,
    coalesce(t.outcome IN ('canvassed', 'replied', 'refused', 'opted_out'), false) AS talked,
    t.campaign_id,
    t.campaign_name,
    t.vendor,
    t.instance,
    t.source_urn
FROM activity_touch AS t
LEFT JOIN identity_person AS voter ON voter.person_id = t.person_id
LEFT JOIN identity_person_map AS worker ON worker.source_urn = t.canvasser_person_ref
WHERE t.kind = 'contact_attempt'
