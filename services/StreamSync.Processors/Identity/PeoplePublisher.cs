using System.IO.Hashing;
using System.Text;
using StreamSync.Contracts;
using StreamSync.Contracts.Identity;
using StreamSync.Identity;
using StreamSync.Processors.Streaming;
using ContractId = StreamSync.Contracts.Common.ExternalId;

namespace StreamSync.Processors.Identity;

/// <summary>Publishes what a flush of a graph changed.</summary>
interface IPeoplePublisher
{
    /// <summary>Publishes it.</summary>
    void Publish(GraphState.OrgGraph target, GraphChanges changes);
}

/// <summary>Publishes what a flush of an org's graph changed: whose each record is and why, golden records, moves, and contradicting decisions.</summary>
sealed class PeoplePublisher(IStageContext context, IdentitySettings settings) : IPeoplePublisher
{
    /// <summary>So many links of a record are named as evidence.</summary>
    const int MaxEvidence = 3;

    /// <summary>So many records of a person are looked at for them.</summary>
    const int MaxCandidates = 8;

    public void Publish(GraphState.OrgGraph target, GraphChanges changes)
    {
        var (org, graph) = (target.Org, target.Graph);
        var now = settings.Run.Clock.GetUtcNow().UtcDateTime;
        var people = changes.Persons.ToDictionary(p => p.PersonId, p => p.Person);
        foreach (var change in changes.Map)
        {
            var map = change.PersonId is null ? null : settings.PersonMap.Encode(new PersonMap
            {
                SourceUrn = change.Urn,
                Org = org,
                PersonId = change.PersonId,
                Evidence = Evidence(graph, change.Urn, people.GetValueOrDefault(change.PersonId)?.Urns ?? []),
                ChangedAt = now,
            });
            context.Send(TopicCatalog.PersonMap.Name, Encoding.UTF8.GetBytes(change.Urn), map);
        }

        foreach (var (id, person) in people)
        {
            context.Send(TopicCatalog.ResolvedPerson.Name, Encoding.UTF8.GetBytes(id), person is null ? null : settings.Resolved.Encode(Of(person, now)));
        }

        PublishMoves(org, graph, changes, now);
        var (news, settled) = target.Conflicts.Take(changes);
        foreach (var conflict in news)
        {
            Report(org, conflict, 1, now);
        }

        foreach (var conflict in settled)
        {
            Report(org, conflict, 0, now);
        }
    }

    void PublishMoves(string org, PersonGraph graph, GraphChanges changes, DateTime now)
    {
        if (changes.Moves.Count > 0)
        {
            var reasons = new MoveReasons(graph, changes);
            foreach (var move in changes.Moves)
            {
                Publish(org, move.Kind switch { IdentityMoveKind.Merge => "merge", IdentityMoveKind.Split => "split", _ => "move" }, move.From, move.To, move.Urns, reasons.Of(move), now);
            }
        }

        foreach (var gone in changes.Map.Where(c => c.PersonId is null).GroupBy(c => c.PreviousPersonId!))
        {
            Publish(org, "remove", gone.Key, null, [.. gone.Select(c => c.Urn)], "the record is gone from its tool", now);
        }
    }

    void Publish(string org, string op, string from, string? to, IReadOnlyList<string> urns, string reason, DateTime now)
    {
        var hash = XxHash128.Hash(Encoding.UTF8.GetBytes(string.Join('\n', [org, op, from, to, now.Ticks.ToString(System.Globalization.CultureInfo.InvariantCulture), .. urns])));
        var change = new IdentityChange
        {
            ChangeId = Convert.ToHexStringLower(hash),
            Org = org,
            Op = op,
            FromPersonId = from,
            ToPersonId = to,
            SourceUrns = [.. urns],
            Reason = reason,
            At = now,
        };
        context.Send(TopicCatalog.IdentityChange.Name, Encoding.UTF8.GetBytes(change.ChangeId), settings.Change.Encode(change));
    }

    void Report(string org, DecisionConflict conflict, int count, DateTime now)
    {
        var topic = new FindingTopic
        {
            Org = org,
            Code = "decisions_contradict",
            Subject = $"{conflict.A} {conflict.B}",
            Severity = "warning",
            Message = "a decision (or a vendor's merge) says that these records are one person, and another keeps them apart; the latter holds",
            Remedy = "take one of the decisions back: streamsync person forget-decision <urn> <urn>; 'streamsync person show <urn>' lists them",
            Responsible = "steward",
        };
        var tally = new FindingTally(topic, context.Partition, count, [conflict.A, conflict.B, conflict.CannotA, conflict.CannotB], now, now);
        context.Send(FindingCounter.Output, FindingTally.KeyOf(topic.Id), tally.ToBytes());
    }

    /// <summary>The strongest links of a record within its person.</summary>
    static List<LinkEvidence> Evidence(PersonGraph graph, string urn, IReadOnlyList<string> records)
    {
        if (records.Count < 2)
        {
            return [];
        }

        return [.. records.Where(other => other != urn).Take(MaxCandidates)
            .Select(other => graph.Explain(urn, other, fields: false))
            .OfType<PairExplanation>()
            .OrderByDescending(e => e.Decision == DecisionKind.MustLink).ThenByDescending(e => e.AssertedByVendor).ThenByDescending(e => e.Total)
            .Take(MaxEvidence)
            .Select(e => new LinkEvidence { OtherUrn = e.B, Rule = PairRules.Of(e), Weight = e.Decision == DecisionKind.MustLink ? null : e.Total / 100.0 })];
    }

    static ResolvedPerson Of(GoldenRecord person, DateTime now) => new()
    {
        PersonId = person.PersonId,
        Org = person.Org,
        Kind = person.Kind switch { RecordKind.Organization => "organization", RecordKind.Device => "device", _ => "person" },
        FirstName = person.Name?.Given,
        MiddleName = person.Name?.Middle,
        LastName = person.Name?.Family,
        Suffix = person.Name?.Suffix,
        DisplayName = DisplayName(person.Name),
        DateOfBirth = person.BirthDate,
        Email = person.Emails.Count > 0 ? person.Emails[0] : null,
        Phone = person.Phones.Count > 0 ? person.Phones[0] : null,
        City = person.Address?.City,
        State = person.Address?.State,
        PostalCode = person.Address?.PostalCode,
        Emails = [.. person.Emails],
        Phones = [.. person.Phones],
        ExternalIds = [.. person.Ids.Select(i => new ContractId { IdType = i.Type, IdScope = i.Scope.Length == 0 ? null : i.Scope, IdValue = i.Value })],
        SourceUrns = [.. person.Urns],
        Vendors = [.. person.Urns.Select(u => SourceUrn.TryParse(u, out var urn) ? urn.Vendor : null).OfType<string>().Distinct()],
        RecordCount = person.Urns.Count,
        ChangedAt = now,
    };

    static string? DisplayName(PersonName? name)
    {
        if (name is null)
        {
            return null;
        }

        var parts = new[] { name.Given, name.Middle, name.Family, name.Suffix }.Where(p => !string.IsNullOrWhiteSpace(p)).ToList();
        return parts.Count == 0 ? name.Full : string.Join(' ', parts);
    }
}
