using System.Text;
using StreamSync.Contracts;
using StreamSync.Identity;
using StreamSync.Kafka.Clients;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity.Evidence;

/// <summary>Asks the identity stages that run in this process.</summary>
sealed class LiveEvidence(EvidenceDesk desk, KafkaConnection connection, TimeProvider clock) : IIdentityEvidence
{
    readonly PartitionRoutes _routes = new(connection.Partitions);

    public async Task<PersonEvidence> OfAsync(string org, IReadOnlyList<string> urns, CancellationToken cancellationToken)
    {
        try
        {
            await desk.Ready.WaitAsync(EvidenceDesk.Patience, clock, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new EvidenceUnavailableException("identity resolution is still starting; try again when 'streamsync status' says no more that it waits", e) { IsStarting = true };
        }

        if (desk.Graph(_routes.PartitionOf(Encoding.UTF8.GetBytes(org))) is not { } graph)
        {
            throw new EvidenceUnavailableException($"identity resolution of {org} does not run in this process; ask where it runs");
        }

        urns = EvidenceReader.OwnOf(org, urns);
        try
        {
            var stages = desk.Matches;
            var keys = await Task.WhenAll(stages.Select(stage => stage.AskAsync(state => state.FindingsOf(urns)))).WaitAsync(EvidenceDesk.Patience, clock, cancellationToken);
            List<string> notes = stages.Count == connection.Partitions ? [] : [$"{stages.Count} of {connection.Partitions} partitions of match keys run in this process: near people of the others are not shown"];
            return await graph.AskAsync(state => EvidenceReader.Read(state.Of(org).Graph, state.Model, urns, keys, notes)).WaitAsync(EvidenceDesk.Patience, clock, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new EvidenceUnavailableException($"identity resolution did not answer within {EvidenceDesk.Patience.TotalSeconds:0} s: it starts anew, or a partition of it went to another process; try again, or ask there", e);
        }
    }
}
