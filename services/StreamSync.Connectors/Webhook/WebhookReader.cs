using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using System.Threading.Channels;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Webhook;

/// <summary>How a delivery ended.</summary>
enum DeliveryOutcome
{
    /// <summary>The broker has acknowledged it.</summary>
    Stored,

    /// <summary>The broker has acknowledged it, in quarantine: it is no JSON.</summary>
    NotJson,

    /// <summary>It could not be stored now: the sender must try again.</summary>
    TryAgain,
}

/// <summary>
/// Takes the deliveries of one stream. All that wait go into one transaction; each is answered when that is committed. There is no checkpoint: what
/// is not acknowledged is delivered again, and what comes twice is told by its content or its own id.
/// </summary>
sealed class WebhookReader : IStreamReader
{
    const int MaxWaiting = 2000;
    const int PerBatch = 500;
    const string RefusedCode = "webhook_refused";
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    /// <summary>When deliveries are taken and none was refused for so long, the credentials are right again.</summary>
    static readonly TimeSpan RefusalStands = TimeSpan.FromHours(1);

    readonly StreamContext _context;
    readonly WebhookOptions _options;
    readonly WebhookListener _listener;
    readonly JsonRecordReader _json;
    readonly WebhookPayload _payload;
    long _refused;
    DateTimeOffset? _lastRefused;

    public WebhookReader(StreamContext context, WebhookOptions options, WebhookListener listener)
    {
        _context = context;
        _options = options;
        _listener = listener;
        _json = new JsonRecordReader(context.RecordSchema);
        _payload = new WebhookPayload(options);
        Verifier = new WebhookVerifier(options.Verify, context.Sync.Secrets);
    }

    public WebhookVerifier Verifier { get; }

    public int MaxBody => _options.MaxBody;

    Channel<Delivery>? Waiting { get; set; }

    /// <summary>Stores a delivery.</summary>
    /// <param name="body">Its body.</param>
    /// <param name="contentType">Its media type.</param>
    /// <param name="cancellationToken">Stops waiting; the delivery may be stored all the same.</param>
    public async Task<DeliveryOutcome> StoreAsync(byte[] body, string? contentType, CancellationToken cancellationToken)
    {
        var delivery = new Delivery(body, contentType);
        return Waiting is { } waiting && waiting.Writer.TryWrite(delivery) ? await delivery.Outcome.Task.WaitAsync(cancellationToken) : DeliveryOutcome.TryAgain;
    }

    /// <summary>Counts a delivery that did not prove where it comes from.</summary>
    public void CountRefused() => Interlocked.Increment(ref _refused);

    public async IAsyncEnumerable<ChangeBatch> ReadAsync(ReadStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var waiting = Channel.CreateBounded<Delivery>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
        Waiting = waiting;
        var url = await _listener.AddAsync(_context, this, cancellationToken);
        try
        {
            while (true)
            {
                _context.WaitingFor($"deliveries at {url}");
                if (!await WaitAsync(waiting.Reader, cancellationToken))
                {
                    _context.CaughtUp();
                    if (Notes() is { Count: > 0 } alone)
                    {
                        yield return new ChangeBatch { Findings = alone };
                    }

                    continue;
                }

                var batch = new Gathered(this);
                while (batch.Count < PerBatch && waiting.Reader.TryRead(out var delivery))
                {
                    batch.Add(delivery);
                }

                yield return batch.ToBatch();
            }
        }
        finally
        {
            _listener.Remove(_context);
            Waiting = null;
            waiting.Writer.TryComplete();
            while (waiting.Reader.TryRead(out var left))
            {
                left.Outcome.TrySetResult(DeliveryOutcome.TryAgain);
            }
        }
    }

    public Task WaitForMoreAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    async Task<bool> WaitAsync(ChannelReader<Delivery> reader, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Idle, _context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    List<FindingNote> Notes()
    {
        var notes = new List<FindingNote>();
        var refused = Interlocked.Exchange(ref _refused, 0);
        if (refused > 0)
        {
            _lastRefused = _context.Clock.GetUtcNow();
            notes.Add(new FindingNote(RefusedCode, null, FindingSeverity.Warning, "deliveries came without the right credentials and were refused", "enter the same credentials in the tool and in the sync; when the tool's are right, somebody else is posting", refused));
        }

        return notes;
    }

    IReadOnlyList<FindingKey> Healed() => _context.Clock.GetUtcNow() - _lastRefused < RefusalStands ? [] : [new FindingKey(RefusedCode, null)];

    sealed record Delivery(byte[] Body, string? ContentType)
    {
        public TaskCompletionSource<DeliveryOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The same body is the same place: delivered again, it makes no second entry.</summary>
        public string Place => string.Create(CultureInfo.InvariantCulture, $"webhook body {XxHash128.HashToUInt128(Body):x32}");
    }

    sealed class Gathered(WebhookReader reader)
    {
        readonly List<SourceRecord> _records = [];
        readonly List<RejectedInput> _rejected = [];
        readonly List<(Delivery Delivery, DeliveryOutcome Outcome)> _deliveries = [];

        public int Count => _deliveries.Count;

        public void Add(Delivery delivery)
        {
            JsonNode? body;
            if (!Utf8.IsValid(delivery.Body))
            {
                // Parsed all the same, its texts would hold replacement characters.
                Reject(delivery, JsonRecordReader.NoUnicode);
                _deliveries.Add((delivery, DeliveryOutcome.NotJson));
                return;
            }

            try
            {
                body = JsonNode.Parse(delivery.Body);
                foreach (var record in _payload.Split(body))
                {
                    Add(delivery, record);
                }
            }
            catch (Exception e) when (e is JsonException or ArgumentException)
            {
                // An ArgumentException is an object that has a name twice.
                Reject(delivery, new Refusal("not_json", "the body is no JSON object", "look at the entry: is the tool's webhook of another format?"));
                _deliveries.Add((delivery, DeliveryOutcome.NotJson));
                return;
            }
            catch (InvalidOperationException)
            {
                Reject(delivery, JsonRecordReader.NoUnicode);
            }

            _deliveries.Add((delivery, DeliveryOutcome.Stored));
        }

        public ChangeBatch ToBatch() => new()
        {
            Records = _records,
            Rejected = _rejected,
            Findings = reader.Notes(),
            Withdrawn = reader.Healed(),
            OnSettled = error =>
            {
                foreach (var (delivery, outcome) in _deliveries)
                {
                    delivery.Outcome.TrySetResult(error is null ? outcome : DeliveryOutcome.TryAgain);
                }
            },
        };

        readonly WebhookPayload _payload = reader._payload;

        void Add(Delivery delivery, JsonObject json)
        {
            if (!reader._json.TryRead(JsonSerializer.SerializeToElement(json), out var read, out var refusal)
                || !reader._context.Records.TryCreate(
                    new RecordDraft
                    {
                        After = read.Record,
                        Extras = read.Extras,
                        Unknown = read.Unknown,
                        ChangedFields = reader._context.Stream.Partial ? read.Present : null,
                        Position = delivery.Place,
                        VendorChangeId = _payload.ChangeIdOf(json),
                    },
                    out var record,
                    out refusal))
            {
                Reject(delivery, refusal);
                return;
            }

            _records.Add(record);
        }

        void Reject(Delivery delivery, Refusal refusal) =>
            _rejected.Add(new RejectedInput(refusal.ReasonCode, refusal.Reason, refusal.Remedy, delivery.Place, delivery.Body) { ContentType = delivery.ContentType ?? "application/json" });
    }
}
