using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Avro.Generic;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;
using NpgsqlTypes;
using StreamSync.Connectors.Sdk;
using StreamSync.Contracts.Source;

namespace StreamSync.Connectors.Postgres;

/// <summary>
/// Reads one table: a slot of its own remembers the log; the snapshot is read in the very state at which the slot begins, so that nothing
/// is missed or read twice between the two. A batch is a transaction of the vendor; the slot moves on only after Kafka has it.
/// </summary>
internal sealed class PostgresReader : IStreamReader
{
    const int BatchRows = 5_000;

    /// <summary>While nothing comes for the table, the server is told so often that it need not keep its log.</summary>
    static readonly TimeSpan IdleAcknowledge = TimeSpan.FromSeconds(5);

    readonly StreamContext _context;
    readonly PostgresOptions _options;
    readonly string _connectionString;
    readonly RowReader _rows;
    readonly string _slot;

    public PostgresReader(StreamContext context, PostgresOptions options, string connectionString)
    {
        _context = context;
        _options = options;
        _connectionString = connectionString;
        _rows = new RowReader(context, options);
        _slot = SlotName($"streamsync_{context.Sync.Org}_{context.Sync.Id}_{context.Stream.Name}");
    }

    string Table => $"{Quote(_options.Schema)}.{Quote(_options.Table)}";

    public async IAsyncEnumerable<ChangeBatch> ReadAsync(ReadStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var batches = ReadTableAsync(start, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await batches.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception e) when (e is NpgsqlException or IOException or System.Net.Sockets.SocketException or TimeoutException)
            {
                throw Trouble(e);
            }

            yield return batches.Current;
        }
    }

    async IAsyncEnumerable<ChangeBatch> ReadTableAsync(ReadStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = Position.Parse(start.Checkpoint);
        await using var replication = new LogicalReplicationConnection(_connectionString);
        var slot = await OpenAsync(replication, cancellationToken);
        if (position is null || slot != Slot.Usable)
        {
            var gap = position is not null;
            await foreach (var batch in SnapshotAsync(replication, slot, gap, p => position = p, cancellationToken))
            {
                yield return batch;
            }
        }

        await foreach (var batch in LogAsync(replication, position!.Value, cancellationToken))
        {
            yield return batch;
        }
    }

    public Task WaitForMoreAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Connects, makes the publication if it is missing, and says whether the slot is there.</summary>
    async Task<Slot> OpenAsync(LogicalReplicationConnection replication, CancellationToken cancellationToken)
    {
        _context.WaitingFor("the database");
        await replication.Open(cancellationToken);
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        const string Known = """
            select exists (select 1 from pg_publication where pubname = $1),
                (select coalesce(wal_status, '') from pg_replication_slots where slot_name = $1),
                (select c.relreplident = 'f' or c.relreplident = 'i' or (c.relreplident = 'd' and exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary)) or c.relkind <> 'r'
                    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $2 and c.relname = $3)
            """;
        await using var known = new NpgsqlCommand(Known, connection) { Parameters = { new() { Value = _slot }, new() { Value = _options.Schema }, new() { Value = _options.Table } } };
        await using var reader = await known.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var published = reader.GetBoolean(0);
        var slot = reader.IsDBNull(1) ? Slot.Missing : reader.GetString(1) == "lost" ? Slot.Lost : Slot.Usable;
        bool? identified = reader.IsDBNull(2) ? null : reader.GetBoolean(2);
        await reader.CloseAsync();
        if (identified is null)
        {
            throw NoTable(null);
        }

        if (identified == false)
        {
            // Publishing such a table makes the vendor's own updates and deletes fail.
            throw new SourceException(
                $"the table {_options.Schema}.{_options.Table} has no primary key and no other replica identity: published, its updates and deletes would fail",
                $"as its owner: alter table {Table} replica identity full, or add a primary key; it is looked at again");
        }

        if (!published)
        {
            await using var create = new NpgsqlCommand($"create publication {Quote(_slot)} for table {Table}", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        _context.WaitingFor(null);
        return slot;
    }

    async IAsyncEnumerable<ChangeBatch> SnapshotAsync(LogicalReplicationConnection replication, Slot old, bool gap, Action<Position> done, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A slot without checkpoint is left from a snapshot that broke off; its exported state is gone. A lost one has no log any more.
        if (old != Slot.Missing)
        {
            _context.WaitingFor("the replication slot: who reads it must let go of it first");
            await replication.DropReplicationSlot(_slot, wait: true, cancellationToken);
        }

        var slot = await CreateSlotAsync(replication, cancellationToken);
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        await using (var adopt = new NpgsqlCommand($"set transaction snapshot '{slot.SnapshotName}'", connection, transaction))
        {
            await adopt.ExecuteNonQueryAsync(cancellationToken);
        }

        var findings = gap
            ? [new FindingNote("replication_gap", _options.Table, FindingSeverity.Error, "the replication slot was gone: changes since then can't be read one by one; a new snapshot brings the present state, and rows that vanished are deleted by absence", "keep the slot; raise max_slot_wal_keep_size when an outage may last longer")]
            : Array.Empty<FindingNote>();
        yield return new ChangeBatch { SnapshotStart = 0, Findings = findings };
        await using var select = new NpgsqlCommand($"select * from {Table}", connection, transaction) { AllResultTypesAreUnknown = true };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var columns = await reader.GetColumnSchemaAsync(cancellationToken);
        var batch = new Collected();
        var row = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            row++;
            var values = columns.Select((c, i) => new ColumnText(c.ColumnName, reader.GetDataTypeOID(i), reader.IsDBNull(i) ? null : reader.GetString(i))).ToList();
            Add(batch, values, null, ChangeOp.Read, string.Create(CultureInfo.InvariantCulture, $"{_options.Table} snapshot {slot.ConsistentPoint} row {row}"), (long)(ulong)slot.ConsistentPoint);
            if (batch.Count >= BatchRows)
            {
                yield return batch.Take(_rows, null, null);
            }
        }

        var reached = new Position(slot.ConsistentPoint);
        done(reached);
        yield return batch.Take(_rows, reached, null) with { SnapshotEnd = new SnapshotEnd(0, Table, AbsenceLimit.Of(_context), $"drop the replication slot {_slot}, so that the table is read anew") };
    }

    async Task<PgOutputReplicationSlot> CreateSlotAsync(LogicalReplicationConnection replication, CancellationToken cancellationToken)
    {
        _context.WaitingFor("the replication slot: running transactions of the database must end first");
        var slot = await replication.CreatePgOutputReplicationSlot(_slot, slotSnapshotInitMode: LogicalSlotSnapshotInitMode.Export, cancellationToken: cancellationToken);
        _context.WaitingFor(null);
        return slot;
    }

    async IAsyncEnumerable<ChangeBatch> LogAsync(LogicalReplicationConnection replication, Position position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new PgOutputReplicationOptions(_slot, PgOutputProtocolVersion.V1);
        var messages = replication.StartReplication(new PgOutputReplicationSlot(_slot), options, cancellationToken, position.Lsn);
        var batch = new Collected();
        var (skip, inTransaction, told) = (false, false, false);
        var unsettled = 0;
        await using var log = messages.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var next = log.MoveNextAsync().AsTask();
            while (!next.IsCompleted)
            {
                using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(next, Task.Delay(IdleAcknowledge, _context.Clock, idle.Token));
                await idle.CancelAsync();
                if (next.IsCompleted || cancellationToken.IsCancellationRequested || inTransaction)
                {
                    break;
                }

                // Between transactions, and with all of them in Kafka, what the server has sent concerns other tables: it need not keep that for us.
                _context.CaughtUp();
                var sent = replication.LastReceivedLsn;
                if (Volatile.Read(ref unsettled) == 0 && sent > replication.LastFlushedLsn)
                {
                    replication.SetReplicationStatus(sent);
                    await replication.SendStatusUpdate(cancellationToken);
                }
            }

            if (!await next)
            {
                yield break;
            }

            switch (log.Current)
            {
                case BeginMessage begin:
                    skip = begin.TransactionFinalLsn < position.Lsn;
                    (inTransaction, told) = (true, false);
                    break;
                case InsertMessage insert:
                    await ChangeAsync(insert.Relation, insert.NewRow, null, ChangeOp.Create, insert.WalStart);
                    break;
                case FullUpdateMessage update:
                    await ChangeAsync(update.Relation, update.NewRow, update.OldRow, ChangeOp.Update, update.WalStart, wholeBefore: true);
                    break;
                case IndexUpdateMessage update:
                    await ChangeAsync(update.Relation, update.NewRow, update.Key, ChangeOp.Update, update.WalStart);
                    break;
                case UpdateMessage update:
                    await ChangeAsync(update.Relation, update.NewRow, null, ChangeOp.Update, update.WalStart);
                    break;
                case KeyDeleteMessage delete:
                    await ChangeAsync(delete.Relation, null, delete.Key, ChangeOp.Delete, delete.WalStart);
                    break;
                case FullDeleteMessage delete:
                    await ChangeAsync(delete.Relation, null, delete.OldRow, ChangeOp.Delete, delete.WalStart);
                    break;
                case TruncateMessage when !skip:
                    // What the transaction did before goes first.
                    told = true;
                    yield return batch.Take(_rows, null, null);
                    yield return new ChangeBatch { SnapshotStart = 0, SnapshotEnd = new SnapshotEnd(0, Table + " (truncated)", 1, string.Empty, Certain: true) };
                    break;
                case CommitMessage commit:
                    position = new Position(commit.TransactionEndLsn);
                    inTransaction = false;
                    if (batch.Count == 0 && !told)
                    {
                        break; // A transaction of other tables only, as servers before version 15 show it: the next acknowledgement covers it.
                    }

                    var reached = position;
                    Interlocked.Increment(ref unsettled);
                    yield return batch.Take(_rows, reached, failure =>
                    {
                        if (failure is null)
                        {
                            replication.SetReplicationStatus(reached.Lsn);
                            Interlocked.Decrement(ref unsettled);
                        }
                    });
                    break;
                default:
                    break;
            }

            if (batch.Count >= BatchRows)
            {
                told = true;
                yield return batch.Take(_rows, null, null);
            }
        }

        async Task ChangeAsync(RelationMessage relation, ReplicationTuple? newRow, ReplicationTuple? oldRow, ChangeOp op, NpgsqlLogSequenceNumber at, bool wholeBefore = false)
        {
            // The old row stands first in the stream.
            var before = oldRow is null ? null : await TextsAsync(relation, oldRow, cancellationToken);
            var after = newRow is null ? null : await TextsAsync(relation, newRow, cancellationToken);
            if (!skip)
            {
                Add(batch, after, before, op, $"{_options.Table} {at}", (long)(ulong)at, wholeBefore);
            }
        }
    }

    void Add(Collected batch, List<ColumnText>? after, List<ColumnText>? before, ChangeOp op, string place, long version, bool wholeBefore = false)
    {
        if (after is not null && before is not null)
        {
            // With REPLICA IDENTITY FULL the old row still has what the log left out of the new one.
            for (var i = 0; i < after.Count; i++)
            {
                if (after[i].Unchanged && before.Find(b => b.Column == after[i].Column) is { Text: { } } old)
                {
                    after[i] = old;
                }
            }
        }

        var content = after ?? before!;
        if (!_rows.TryRead(content, out var record, out var extras, out var refusal))
        {
            batch.Rejected.Add(new RejectedInput(refusal.ReasonCode, refusal.Reason, refusal.Remedy, place, RowReader.Raw(content)) { ContentType = "application/json" });
            return;
        }

        SourceRecord? made = null, gone = null;
        GenericRecord? oldRecord = null;
        if (after is not null && before is not null)
        {
            // Another key is another record: the old one is deleted.
            _rows.TryRead(before, out oldRecord, out _, out _);
            if (!_context.Records.TryCreate(new RecordDraft { Before = oldRecord, Op = ChangeOp.Delete, DeleteKind = "explicit", Position = place, VersionOrder = version }, out gone, out _))
            {
                gone = null;
            }
        }

        var draft = new RecordDraft
        {
            After = after is null ? null : record,
            Before = after is null ? record : wholeBefore ? oldRecord : null,
            Op = op,
            DeleteKind = op == ChangeOp.Delete ? "explicit" : null,
            ChangedFields = after?.Exists(v => v.Unchanged) == true ? [.. after.Where(v => !v.Unchanged).Select(v => v.Column)] : null,
            Extras = extras,
            Position = place,
            VersionOrder = version,
        };
        if (!_context.Records.TryCreate(draft, out made, out refusal))
        {
            batch.Rejected.Add(new RejectedInput(refusal.ReasonCode, refusal.Reason, refusal.Remedy, place, RowReader.Raw(content)) { ContentType = "application/json" });
            return;
        }

        if (gone is not null && gone.Urn != made.Urn)
        {
            batch.Records.Add(gone);
            _context.Records.TryCreate(draft with { Op = ChangeOp.Create, Before = null }, out made, out _);
        }

        batch.Records.Add(made);
    }

    static async Task<List<ColumnText>> TextsAsync(RelationMessage relation, ReplicationTuple tuple, CancellationToken cancellationToken)
    {
        var values = new List<ColumnText>(relation.Columns.Count);
        var i = 0;
        await foreach (var value in tuple.WithCancellation(cancellationToken))
        {
            var column = relation.Columns[i++];
            values.Add(value.Kind switch
            {
                TupleDataKind.Null => new ColumnText(column.ColumnName, column.DataTypeId, null),
                TupleDataKind.UnchangedToastedValue => new ColumnText(column.ColumnName, column.DataTypeId, null, Unchanged: true),
                _ => new ColumnText(column.ColumnName, column.DataTypeId, await value.Get<string>(cancellationToken)),
            });
        }

        return values;
    }

    SourceException NoTable(Exception? e) => new(
        $"the database has no table {_options.Schema}.{_options.Table}", "check the setting 'database', or the stream's schema and table in connector.yaml", innerException: e);

    SourceException Trouble(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } => new SourceException(
            "the database refuses the user", $"check user and password of the sync '{_context.Sync.Id}' at {_context.Sync.Place}", innerException: e),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => new SourceException(
            "the server has no such database", $"check the setting 'database' of the sync '{_context.Sync.Id}' at {_context.Sync.Place}", innerException: e),
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } => NoTable(e),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => new SourceException(
            $"the user may not replicate {_options.Schema}.{_options.Table}", $"as its owner: alter role ... replication; grant select on {Table}; create publication {_slot} for table {Table}", innerException: e),
        PostgresException { SqlState: PostgresErrorCodes.ObjectInUse } => new SourceException(
            $"another reader uses the replication slot {_slot}", "stop the other instance; after a crash the server lets go of the slot within its wal_sender_timeout", innerException: e),
        PostgresException { SqlState: PostgresErrorCodes.ConfigurationLimitExceeded or PostgresErrorCodes.TooManyConnections } p => new SourceException(
            $"the server takes no more readers: {p.MessageText}", "drop slots that nobody reads (pg_drop_replication_slot), or raise max_replication_slots and max_wal_senders", innerException: e),
        PostgresException { SqlState: PostgresErrorCodes.ObjectNotInPrerequisiteState } p when p.MessageText.Contains("wal_level", StringComparison.Ordinal) => new SourceException(
            "the server writes no log that can be decoded", "set wal_level = logical and restart the server", innerException: e),
        PostgresException { SqlState: PostgresErrorCodes.ObjectNotInPrerequisiteState } p => new SourceException(
            $"the replication slot {_slot} can't be read: {p.MessageText}", "when the server has given the log up, the next try takes a new snapshot; raise max_slot_wal_keep_size when outages last longer", innerException: e),
        PostgresException p => new SourceException($"the database answers {p.SqlState}: {p.MessageText}", "see the server's log", innerException: e),
        _ => new SourceException($"the database does not answer: {e.Message}", "check host and port of the sync, and the network; it is asked again", innerException: e),
    };

    static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    /// <summary>Slots take lower-case letters, digits and '_', 63 at most.</summary>
    static string SlotName(string text)
    {
        var name = string.Concat(text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return name.Length <= 63 ? name : name[..54] + "_" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..8];
    }

    /// <summary>The replication slot as it is found.</summary>
    enum Slot
    {
        Missing,
        Usable,

        /// <summary>The server has removed log that the slot had not read.</summary>
        Lost,
    }

    /// <summary>What waits for the next batch.</summary>
    sealed class Collected
    {
        public List<SourceRecord> Records { get; private set; } = [];

        public List<RejectedInput> Rejected { get; private set; } = [];

        public int Count => Records.Count + Rejected.Count;

        public ChangeBatch Take(RowReader rows, Position? reached, Action<Exception?>? settled)
        {
            var batch = new ChangeBatch
            {
                Records = Records,
                Rejected = Rejected,
                Findings = [.. rows.NewColumns.Select(c => new FindingNote("unknown_column", c, FindingSeverity.Info, "the table has a column that the schema does not know; it is kept in extras", "add it to the stream's schema when it matters"))],
                Checkpoints = reached is { } position ? [new CheckpointMove(string.Empty, position.ToJson())] : [],
                OnSettled = settled,
            };
            rows.NewColumns.Clear();
            Records = [];
            Rejected = [];
            return batch;
        }
    }

    /// <summary>The stream's checkpoint: how far the log was read.</summary>
    readonly record struct Position(NpgsqlLogSequenceNumber Lsn)
    {
        public static Position? Parse(string? json) =>
            json is not null && JsonNode.Parse(json)?["lsn"]?.GetValue<string>() is { } lsn ? new Position(NpgsqlLogSequenceNumber.Parse(lsn)) : null;

        public string ToJson() => new JsonObject { ["lsn"] = Lsn.ToString() }.ToJsonString();
    }
}
