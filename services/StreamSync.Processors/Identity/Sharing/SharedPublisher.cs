using System.IO.Hashing;
using System.Text;
using StreamSync.Contracts;
using StreamSync.Contracts.Identity;
using StreamSync.Identity;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity.Sharing;

/// <summary>
/// Tells each party of an agreement which records of the others are people that it knows: one row for each of its own records. A person that one
/// party alone knows is nobody's business, and no row says that there is one.
/// </summary>
sealed class SharedPublisher(IStageContext context, AvroCodec<SharedPerson> codec, TimeProvider clock) : IPeoplePublisher
{
    /// <summary>So many records of other parties are named in a row.</summary>
    const int MaxEvidence = 20;

    public void Publish(GraphState.OrgGraph target, GraphChanges changes)
    {
        var agreement = Space.AgreementOf(target.Org);
        foreach (var person in changes.Persons.Select(change => change.Person).OfType<GoldenRecord>())
        {
            var orgs = person.Urns.Select(OrgOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            foreach (var urn in person.Urns)
            {
                if (orgs.Count > 1)
                {
                    Tell(target, agreement, person, urn, orgs);
                }
                else
                {
                    TakeBack(target, agreement, urn);
                }
            }
        }

        foreach (var gone in changes.Map.Where(change => change.PersonId is null))
        {
            TakeBack(target, agreement, gone.Urn);
        }
    }

    void Tell(GraphState.OrgGraph target, string agreement, GoldenRecord person, string urn, List<string> orgs)
    {
        var org = OrgOf(urn);
        var row = new SharedPerson
        {
            ShareId = IdOf(agreement, urn),
            Agreement = agreement,
            Org = org,
            SourceUrn = urn,
            SharedPersonId = person.PersonId,
            Partners = [.. orgs.Where(other => other != org)],
            Evidence = [.. person.Urns.Where(other => OrgOf(other) != org)
                .Select(other => target.Graph.Link(urn, other)).OfType<PairLink>()
                .OrderByDescending(pair => pair.Total).ThenBy(pair => pair.B, StringComparer.Ordinal)
                .Take(MaxEvidence)
                .Select(pair => new LinkEvidence { OtherUrn = pair.B, Rule = PairRules.Of(pair), Weight = pair.Total / 100.0 })],
        };
        if (target.Rows.Tell(urn, XxHash3.HashToUInt64(codec.Encode(row))))
        {
            row.ChangedAt = clock.GetUtcNow().UtcDateTime;
            context.Send(TopicCatalog.SharedPerson.Name, Encoding.UTF8.GetBytes(row.ShareId), codec.Encode(row));
        }
    }

    void TakeBack(GraphState.OrgGraph target, string agreement, string urn)
    {
        if (target.Rows.TakeBack(urn))
        {
            context.Send(TopicCatalog.SharedPerson.Name, Encoding.UTF8.GetBytes(IdOf(agreement, urn)), null);
        }
    }

    static string IdOf(string agreement, string urn) => $"{agreement}/{urn}";

    static string OrgOf(string urn) => urn[..urn.IndexOf('/', StringComparison.Ordinal)];
}
