using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace StreamSync.LocalKafka.Registry.Http;

/// <summary>The media types of the registry's JSON, and the choice among them.</summary>
static class MediaTypes
{
    public const string Default = "application/vnd.schemaregistry.v1+json";

    /// <summary>What is answered, the most liked first.</summary>
    static readonly MediaTypeHeaderValue[] Offered =
        [.. new[] { Default, "application/vnd.schemaregistry+json", "application/json" }.Select(type => new MediaTypeHeaderValue(type))];

    /// <summary>What is taken. No content type at all counts as the last one, as it does for Confluent.</summary>
    static readonly HashSet<string> Accepted =
        new([.. Offered.Select(type => type.MediaType.Value!), "application/octet-stream"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The type to answer with, or null where the client wants none of ours.</summary>
    public static string? Choose(HttpRequest request)
    {
        var wanted = request.Headers.Accept;
        if (wanted.Count == 0 || !MediaTypeHeaderValue.TryParseList(wanted, out var ranges))
        {
            return Default;
        }
        return Offered
            .Select(offer => (Offer: offer, Range: ranges.Where(range => Covers(range, offer)).OrderByDescending(Precision).FirstOrDefault()))
            .Where(choice => choice.Range is not null && choice.Range.Quality != 0)
            .OrderByDescending(choice => choice.Range!.Quality ?? 1)
            .Select(choice => choice.Offer.MediaType.Value)
            .FirstOrDefault();
    }

    public static bool IsAccepted(HttpRequest request) =>
        string.IsNullOrEmpty(request.ContentType)
        || (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && Accepted.Contains(type.MediaType.Value!));

    // The framework's own test takes application/json to cover every type that ends in +json.
    static bool Covers(MediaTypeHeaderValue range, MediaTypeHeaderValue offer) =>
        range.MatchesAllTypes || (range.MatchesAllSubTypes ? range.Type == offer.Type : range.MediaType == offer.MediaType);

    static int Precision(MediaTypeHeaderValue range) => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
}
