-- Each stream of each sync: how old its data is against the promise, and who answers for it. age_seconds is the time since
-- the last run that ended well; keeps_promise is null while there has been no such run. A stream with a promise of arrival
-- must also have brought something new within it.
SELECT
    org,
    sync_id,
    stream,
    vendor,
    instance,
    state,
    state_reason,
    owner_name,
    owner_kind,
    owner_contact,
    promise_seconds,
    arrival_seconds,
    last_arrival_at,
    last_change_at,
    last_success_at,
    CASE WHEN last_success_at IS NOT NULL THEN greatest(date_diff('second', last_success_at, now()::TIMESTAMP), 0) END AS age_seconds,
    age_seconds <= promise_seconds AND state <> 'late'
        AND coalesce(date_diff('second', last_arrival_at, now()::TIMESTAMP) <= arrival_seconds, true) AS keeps_promise,
    next_run_at,
    records_read,
    records_emitted,
    records_quarantined,
    runs,
    errors,
    waiting_for,
    (SELECT count(*) FROM ops_finding AS f WHERE f.org = s.org AND f.sync_id = s.sync_id AND f.stream = s.stream) AS findings,
    (SELECT count(*) FROM ops_quarantine AS q WHERE q.org = s.org AND q.sync_id = s.sync_id AND q.stream = s.stream AND q.closed_at IS NULL) AS quarantined_now,
    updated_at
FROM ops_sync AS s
