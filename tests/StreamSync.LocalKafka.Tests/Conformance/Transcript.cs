using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamSync.LocalKafka.Tests.Conformance;

/// <summary>One step of a scenario, with the lines that tell which answers are right.</summary>
sealed record TranscriptStep(string Text, IReadOnlyList<string> Apache, IReadOnlyList<string> Local);

/// <summary>A request of a step.</summary>
/// <param name="Kind">Empty to ask and compare, <c>until</c> to ask until the answer is the right one, <c>send</c> to leave the answer for later.</param>
/// <param name="Connection">Name of the connection.</param>
/// <param name="Api">Name of the API.</param>
/// <param name="From">First version.</param>
/// <param name="To">Last version.</param>
/// <param name="Body">JSON of the request.</param>
sealed record TranscriptRequest(string Kind, string Connection, string Api, int From, int To, string Body);

/// <summary>
/// A scenario in the files under <c>Transcripts</c>: raw requests with the answers that Apache Kafka 4.3.1 gave, which both brokers must
/// give.
/// </summary>
/// <remarks>
/// <para>
/// <c>== name</c> begins a scenario, <c>#</c> a comment. <c>topic $t 2 {"retention.ms":"1"}</c> creates a topic of 2 partitions.
/// <c>Api 3-5 {...}</c> sends a request in each of these versions, <c>@b</c> before it names a connection other than the usual one.
/// <c>send</c> before it leaves the answer to a later <c>recv @b</c>; <c>until</c> repeats the request until the answer is right, for what a
/// broker does after it has answered. <c>closed @b</c> expects the broker to close the connection.
/// </para>
/// <para>
/// Lines that begin with <c>&lt;</c> are the right answers, by version where they differ. A line <c>&lt;local</c> names a difference that the
/// embedded broker keeps on purpose; the README of the room gives the reasons. In answers, fields with their default value are left out,
/// arrays are sorted, <c>*</c> stands for what is different each time. Words with <c>$</c> are names and ids that differ from run to run;
/// <c>save $p = producerId</c> takes one from the last answer. <c>hide</c> names fields that are not compared.
/// </para>
/// </remarks>
sealed partial record Transcript(string File, string Name, IReadOnlyList<TranscriptStep> Steps)
{
    const string Folder = "transcripts/";

    public static readonly IReadOnlyList<Transcript> All =
    [
        .. typeof(Transcript).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .SelectMany(Read),
    ];

    /// <summary>The request of a step, or null if it is another kind of step.</summary>
    public static TranscriptRequest? Request(string step)
    {
        var match = RequestLine().Match(step);
        if (!match.Success)
        {
            return null;
        }

        var from = int.Parse(match.Groups["from"].Value, CultureInfo.InvariantCulture);
        return new TranscriptRequest(
            match.Groups["kind"].Value,
            match.Groups["connection"] is { Success: true } connection ? connection.Value : "main",
            match.Groups["api"].Value,
            from,
            match.Groups["to"] is { Success: true } to ? int.Parse(to.Value, CultureInfo.InvariantCulture) : from,
            match.Groups["body"].Value);
    }

    static List<Transcript> Read(string resource)
    {
        using var reader = new StreamReader(typeof(Transcript).Assembly.GetManifestResourceStream(resource)!);
        var found = new List<(string Name, List<TranscriptStep> Steps)>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("== ", StringComparison.Ordinal))
            {
                found.Add((line[3..], []));
            }
            else if (line.StartsWith("< ", StringComparison.Ordinal))
            {
                var step = found[^1].Steps[^1];
                found[^1].Steps[^1] = step with { Apache = [.. step.Apache, line[2..]] };
            }
            else if (line.StartsWith("<local ", StringComparison.Ordinal))
            {
                var step = found[^1].Steps[^1];
                found[^1].Steps[^1] = step with { Local = [.. step.Local, line[7..]] };
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                found[^1].Steps.Add(new TranscriptStep(line, [], []));
            }
        }

        return found.ConvertAll(f => new Transcript(resource[Folder.Length..], f.Name, f.Steps));
    }

    [GeneratedRegex(@"^(?:(?<kind>until|send) )?(?:@(?<connection>\w+) )?(?<api>[A-Z]\w+) (?<from>\d+)(?:-(?<to>\d+))? (?<body>\{.*\})$")]
    private static partial Regex RequestLine();
}
