using System.Net.Http.Json;
using System.Text.Json;
using StreamSync.Contracts;

namespace StreamSync.Cli.Instances;

/// <summary>Identity resolution of a running instance, asked through its console; while it starts, it is waited for.</summary>
sealed class RemoteEvidence(ConsoleClient console, TextWriter words, TimeProvider clock) : IIdentityEvidence
{
    /// <summary>Time without an answer after which whoever watches is told what is waited for.</summary>
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    /// <summary>A large state may take longer to restore; the person is shown without evidence then.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    static readonly Uri Path = new("/api/evidence", UriKind.Relative);
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public async Task<PersonEvidence> OfAsync(string org, IReadOnlyList<string> urns, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        var answer = AskAsync(org, urns, begun, cancellationToken);
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (await Task.WhenAny(answer, Task.Delay(Silence, clock, answered.Token)) != answer)
        {
            await words.WriteLineAsync($"identity resolution does not answer yet: most likely it is starting; waiting up to {Patience.TotalSeconds:0} s for it");
        }

        await answered.CancelAsync();
        return await answer;
    }

    async Task<PersonEvidence> AskAsync(string org, IReadOnlyList<string> urns, long begun, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var reply = await console.SendAsync(HttpMethod.Post, Path, JsonContent.Create(new { org, urns }), cancellationToken);
                return reply.Deserialize<PersonEvidence>(Json)!;
            }
            catch (RefusedException e)
            {
                // The refusal itself has taken its time: the console answers when the start ends, or its patience.
                if (!e.MayPass || clock.GetElapsedTime(begun) > Patience)
                {
                    throw new EvidenceUnavailableException(e.Message, e);
                }
            }
        }
    }
}
