using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Contracts.Identity;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Clients;

/// <summary>The stewards' decisions on <c>identity.decision</c>: reads those that hold, adds one, takes one back.</summary>
/// <param name="connection">The cluster.</param>
/// <param name="codecs">Codecs.</param>
/// <param name="topics">Makes the topic where it is missing.</param>
/// <param name="schemas">Registers its schema.</param>
/// <param name="publisher">Sends.</param>
/// <param name="clock">Clock.</param>
/// <param name="logger">Takes what the client reports.</param>
public sealed class DecisionLog(
    KafkaConnection connection, AvroCodecs codecs, TopicAdmin topics, SchemaAdmin schemas, OpsPublisher publisher, TimeProvider clock, ILogger<DecisionLog> logger) : IDecisions
{
    static readonly TopicSpec Topic = TopicCatalog.IdentityDecision;

    /// <inheritdoc/>
    /// <exception cref="KafkaException">The cluster does not answer.</exception>
    public async Task<IReadOnlyList<IdentityDecision>> ReadAsync(CancellationToken cancellationToken) =>
        [.. (await ReadAllAsync(cancellationToken)).Where(Decisions.Holds)];

    /// <inheritdoc/>
    /// <exception cref="KafkaException">The cluster does not answer.</exception>
    public async Task<RecordedDecision> RecordAsync(NewDecision wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (wanted.WhatIsWrong() is { } wrong)
        {
            throw new ArgumentException(wrong, nameof(wanted));
        }

        var known = await ReadAllAsync(cancellationToken);
        var former = Decisions.OnPair(known, wanted.One, wanted.Other);
        var replaced = former.Where(Decisions.Holds).MaxBy(earlier => earlier.At);
        if (wanted.Kind == Decisions.Withdrawn && replaced is null)
        {
            throw new NothingDecidedException();
        }

        var decision = new IdentityDecision
        {
            DecisionId = wanted.Kind == Decisions.Withdrawn ? replaced!.DecisionId : Decisions.IdFor(wanted.One, wanted.Other),
            Org = SourceUrn.Parse(wanted.One).Org,
            Kind = wanted.Kind,
            AUrn = wanted.One,
            BUrn = wanted.Other,
            Author = wanted.Author,
            Reason = wanted.Reason,

            // The later decision holds: a clock that is behind must not make this one the earlier.
            At = former.Select(earlier => earlier.At.AddMicroseconds(1)).Append(clock.GetUtcNow().UtcDateTime).Max(),
        };
        await publisher.PublishAsync(Topic, decision.DecisionId, decision, cancellationToken);
        foreach (var earlier in former.Where(earlier => earlier.DecisionId != decision.DecisionId))
        {
            await publisher.PublishAsync<IdentityDecision>(Topic, earlier.DecisionId, null, cancellationToken);
        }

        return new RecordedDecision(decision, replaced, Decisions.InTheWayOf(known.Where(Decisions.Holds), decision));
    }

    /// <summary>The latest word on each pair, also where it takes another back.</summary>
    async Task<IReadOnlyList<IdentityDecision>> ReadAllAsync(CancellationToken cancellationToken)
    {
        await topics.EnsureAsync([Topic], cancellationToken);
        await schemas.EnsureAsync([Topic], cancellationToken);
        await using var table = new CompactedTable<IdentityDecision>(connection, Topic.Name, codecs.For<IdentityDecision>(Topic).Decode, logger);
        await table.LoadAsync(cancellationToken);
        return [.. table.Items.Values.OrderBy(decision => decision.At).ThenBy(decision => decision.DecisionId, StringComparer.Ordinal)];
    }
}
