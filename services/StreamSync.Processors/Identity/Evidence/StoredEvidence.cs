using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Identity;
using StreamSync.Kafka.Clients;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity.Evidence;

/// <summary>
/// Reads what identity resolution remembered when it stopped: the changelogs of its stages, which hold the same state that it goes by when it
/// runs. Takes time that grows with the number of records.
/// </summary>
/// <param name="connection">The cluster.</param>
/// <param name="identity">What identity resolution goes by.</param>
/// <param name="logger">Takes what clients report.</param>
public sealed class StoredEvidence(KafkaConnection connection, ConfiguredIdentity identity, ILogger<StoredEvidence> logger) : IIdentityEvidence
{
    /// <inheritdoc/>
    public async Task<PersonEvidence> OfAsync(string org, IReadOnlyList<string> urns, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(urns);
        urns = EvidenceReader.OwnOf(org, urns);
        var state = new GraphState(identity.Model, identity.Region);
        foreach (var (key, value) in await ReadAsync(GraphStage.Name, key => GraphState.IsModel(key) || key[1..].StartsWith(org + "\0", StringComparison.Ordinal), cancellationToken))
        {
            state.Restore(Encoding.UTF8.GetBytes(key), value);
        }

        if (!state.IsOfPresentModel)
        {
            throw new EvidenceUnavailableException("identity resolution went by another model when it stopped; name its configuration with --config FILE");
        }

        var members = new Dictionary<string, MemberMessage>(StringComparer.Ordinal);
        foreach (var (key, value) in await ReadAsync(MatchStage.Name, key => key.StartsWith(org + "/", StringComparison.Ordinal), cancellationToken))
        {
            var (urn, member) = (MatchState.UrnOf(key), MemberMessage.Read(value));
            members[urn] = members.TryGetValue(urn, out var known) ? member with { Keys = [.. known.Keys, .. member.Keys] } : member;
        }

        return EvidenceReader.Read(state.Of(org).Graph, state.Model, urns, [MatchState.FindingsOf(urns, members)], []);
    }

    async Task<IReadOnlyDictionary<string, byte[]>> ReadAsync(string stage, Func<string, bool> filter, CancellationToken cancellationToken)
    {
        var topic = StageTopologyBuilder.ChangelogOf(TopologyDefinition.ApplicationIdOf(IdentityTopology.Name), stage);
        try
        {
            await using var table = new CompactedTable<byte[]>(connection, topic, static value => value.ToArray(), logger, filter);
            await table.LoadAsync(cancellationToken);
            return table.Items;
        }
        catch (KafkaException e)
        {
            throw new EvidenceUnavailableException($"identity resolution has left nothing to read on {connection.BootstrapServers} ({e.Error.Reason}); run it once", e);
        }
    }
}
