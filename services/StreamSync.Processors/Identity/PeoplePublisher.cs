using System.Buffers;
using System.Globalization;
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

    // For one call at a time.
    readonly ArrayBufferWriter<byte> _text = new();
    readonly List<PairLink> _strongest = [];

    public void Publish(GraphState.OrgGraph target, GraphChanges changes)
    {
        var (org, graph) = (target.Org, target.Graph);
        var now = settings.Run.Clock.GetUtcNow().UtcDateTime;
        var people = new Dictionary<string, GoldenRecord?>(changes.Persons.Count, StringComparer.Ordinal);
        foreach (var (id, person) in changes.Persons)
        {
            people.Add(id, person);
        }

        foreach (var change in changes.Map.Concat(changes.Held))
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

        foreach (var (id, person) in changes.Persons)
        {
            context.Send(TopicCatalog.ResolvedPerson.Name, Encoding.UTF8.GetBytes(id), person is null ? null : settings.Resolved.Encode(Of(person, now)));
        }

        PublishMoves(org, graph, changes, people, now);
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

    void PublishMoves(string org, PersonGraph graph, GraphChanges changes, Dictionary<string, GoldenRecord?> people, DateTime now)
    {
        if (changes.Moves.Count > 0)
        {
            var reasons = new MoveReasons(graph, changes, people);
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
        _text.ResetWrittenCount();
        foreach (var part in (ReadOnlySpan<string?>)[org, op, from, to, now.Ticks.ToString(CultureInfo.InvariantCulture)])
        {
            Add(part);
        }

        for (var i = 0; i < urns.Count; i++)
        {
            Add(urns[i]);
        }

        var change = new IdentityChange
        {
            ChangeId = Convert.ToHexStringLower(XxHash128.Hash(_text.WrittenSpan[..^1])),
            Org = org,
            Op = op,
            FromPersonId = from,
            ToPersonId = to,
            SourceUrns = [.. urns],
            Reason = reason,
            At = now,
        };
        context.Send(TopicCatalog.IdentityChange.Name, Encoding.UTF8.GetBytes(change.ChangeId), settings.Change.Encode(change));

        void Add(string? part)
        {
            Encoding.UTF8.GetBytes(part, _text);
            Encoding.UTF8.GetBytes("\n", _text);
        }
    }

    void Report(string org, DecisionConflict conflict, int count, DateTime now)
    {
        var topic = new FindingTopic
        {
            Org = org,
            Code = "decisions_contradict",
            Subject = $"{conflict.A} {conflict.B}",
            Severity = "warning",
            Message = "a decision says that these records are one person, and another keeps them apart; the latter holds",
            Remedy = "take one of the decisions back: streamsync person forget-decision <urn> <urn> --reason <text>; 'streamsync person show <urn>' lists them",
            Responsible = "steward",
        };
        var tally = new FindingTally(topic, context.Partition, count, [conflict.A, conflict.B, conflict.CannotA, conflict.CannotB], now, now);
        context.Send(FindingCounter.Output, FindingTally.KeyOf(topic.Id), tally.ToBytes());
    }

    /// <summary>The strongest links of a record within its person.</summary>
    List<LinkEvidence> Evidence(PersonGraph graph, string urn, IReadOnlyList<string> records)
    {
        _strongest.Clear();
        for (int i = 0, looked = 0; i < records.Count && looked < MaxCandidates; i++)
        {
            if (records[i] == urn)
            {
                continue;
            }

            looked++;
            if (graph.Link(urn, records[i]) is { } link)
            {
                // Of equals the older record stays before the newer one.
                var place = _strongest.Count;
                while (place > 0 && PairRules.IsStronger(link, _strongest[place - 1]))
                {
                    place--;
                }

                _strongest.Insert(place, link);
            }
        }

        var evidence = new List<LinkEvidence>(Math.Min(_strongest.Count, MaxEvidence));
        for (var i = 0; i < _strongest.Count && i < MaxEvidence; i++)
        {
            var link = _strongest[i];
            evidence.Add(new LinkEvidence { OtherUrn = link.B, Rule = PairRules.Of(link), Weight = link.Decision == DecisionKind.MustLink ? null : link.Total / 100.0 });
        }

        return evidence;
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
        Emails = new List<string>(person.Emails),
        Phones = new List<string>(person.Phones),
        ExternalIds = Ids(person.Ids),
        SourceUrns = new List<string>(person.Urns),
        Vendors = Vendors(person.Urns),
        RecordCount = person.Urns.Count,
        ChangedAt = now,
    };

    static List<ContractId> Ids(IReadOnlyList<ExternalId> ids)
    {
        var list = new List<ContractId>(ids.Count);
        for (var i = 0; i < ids.Count; i++)
        {
            list.Add(new ContractId { IdType = ids[i].Type, IdScope = ids[i].Scope.Length == 0 ? null : ids[i].Scope, IdValue = ids[i].Value });
        }

        return list;
    }

    /// <summary>The tools of records, each once, in the records' order: nearly always one or two.</summary>
    static List<string> Vendors(IReadOnlyList<string> urns)
    {
        var vendors = new List<string>(1);
        for (var i = 0; i < urns.Count; i++)
        {
            var vendor = SourceUrn.VendorOf(urns[i]);
            if (!vendor.IsEmpty && !Holds(vendors, vendor))
            {
                vendors.Add(vendor.ToString());
            }
        }

        return vendors;
    }

    static bool Holds(List<string> texts, ReadOnlySpan<char> text)
    {
        foreach (var known in texts)
        {
            if (text.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }

    static string? DisplayName(PersonName? name)
    {
        if (name is null)
        {
            return null;
        }

        var isWhole = string.IsNullOrWhiteSpace(name.Given) && string.IsNullOrWhiteSpace(name.Family) && !string.IsNullOrWhiteSpace(name.Full);
        string? text = null;
        foreach (var part in isWhole ? (ReadOnlySpan<string?>)[name.Full, name.Suffix] : [name.Given, name.Middle, name.Family, name.Suffix])
        {
            if (!string.IsNullOrWhiteSpace(part))
            {
                text = text is null ? part : $"{text} {part}";
            }
        }

        return text;
    }
}
