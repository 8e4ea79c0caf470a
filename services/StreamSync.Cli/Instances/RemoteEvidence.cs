using System.Net.Http.Json;
using System.Text.Json;
using StreamSync.Contracts;

namespace StreamSync.Cli.Instances;

/// <summary>Identity resolution of a running instance, asked through its console.</summary>
sealed class RemoteEvidence(ConsoleClient console) : IIdentityEvidence
{
    static readonly Uri Path = new("/api/evidence", UriKind.Relative);
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public async Task<PersonEvidence> OfAsync(string org, IReadOnlyList<string> urns, CancellationToken cancellationToken)
    {
        try
        {
            using var reply = await console.SendAsync(HttpMethod.Post, Path, JsonContent.Create(new { org, urns }), cancellationToken);
            return reply.Deserialize<PersonEvidence>(Json)!;
        }
        catch (RefusedException e)
        {
            throw new EvidenceUnavailableException(e.Message, e);
        }
    }
}
