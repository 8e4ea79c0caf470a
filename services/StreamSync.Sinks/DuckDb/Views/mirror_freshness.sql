-- Each table of this warehouse: whether it takes rows, why not, how many were written, deleted and left out since the file was made, and when.
SELECT topic, table_name, state, state_reason, rows_written, tombstones, rejected, loaded_at
FROM streamsync.mirror_topic
