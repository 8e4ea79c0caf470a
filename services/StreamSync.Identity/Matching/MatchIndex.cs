namespace StreamSync.Identity;

/// <summary>
/// Stage A: keeps the members of each match key and says which pairs they link. What has been said so far is always what the
/// present members say, whatever the order of arrival. Not safe for concurrent use; keys are independent of each other.
/// </summary>
/// <param name="model">Weights and threshold.</param>
/// <param name="store">Group store.</param>
public sealed class MatchIndex(IdentityModel model, IMatchStore store)
{
    readonly PairScorer _scorer = new(model);

    /// <summary>Applies one change and adds the links it makes, changes and withdraws to <paramref name="output"/>.</summary>
    /// <returns>True when the key passed its cap, or came back under it, with this change.</returns>
    public bool Apply(in MemberChange change, ICollection<LinkChange> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var key = change.Key.ToString();
        var group = store.Get(key) ?? MatchGroup.Empty();
        var wasCapped = group.IsCapped;
        if (wasCapped)
        {
            ApplyCapped(change, key, group, output);
        }
        else
        {
            ApplyOpen(change, key, group, output);
        }

        if (group.Count == 0)
        {
            store.Delete(key);
        }
        else
        {
            store.Put(key, group);
        }

        return wasCapped != group.IsCapped;
    }

    /// <summary>What the keys of a record bring together now, and those of them that passed their cap, with their size.</summary>
    /// <param name="urn">The record.</param>
    /// <param name="keys">Its keys.</param>
    public (IReadOnlyList<KeyNeighbour> Neighbours, IReadOnlyList<(MatchKeyKind Kind, int Records)> Crowded) NeighboursOf(string urn, IEnumerable<MatchKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var groups = keys.Select(key => (key.Kind, Group: store.Get(key.ToString()))).Where(key => key.Group is not null).ToList();
        return (
            [.. groups.SelectMany(key => key.Group!.Members.Select(member => (member.Urn, key.Kind))).Where(member => member.Urn != urn)
                .GroupBy(member => member.Urn).Select(other => new KeyNeighbour(urn, other.Key, [.. other.Select(key => key.Kind).Distinct()]))],
            [.. groups.Where(key => key.Group!.IsCapped).Select(key => (key.Kind, key.Group!.Count))]);
    }

    void ApplyOpen(in MemberChange change, string key, MatchGroup group, ICollection<LinkChange> output)
    {
        var index = group.IndexOf(change.Urn);
        var before = index >= 0 ? group.Members[index] : null;
        if (change.Features is null && before is null)
        {
            return;
        }

        if (before is null && group.Count == change.Key.Cap)
        {
            Close(change, key, group, output);
            return;
        }

        foreach (var other in group.Members)
        {
            if (other.Urn != change.Urn)
            {
                Compare(change.Key, before, change.Features, other, output);
            }
        }

        if (change.Features is null)
        {
            group.Members.RemoveAt(index);
            group.Count--;
        }
        else if (before is null)
        {
            group.Members.Add(change.Features);
            group.Count++;
        }
        else
        {
            group.Members[index] = change.Features;
        }
    }

    /// <summary>The key passes its cap: all its links are withdrawn and the members go to the overflow.</summary>
    void Close(in MemberChange change, string key, MatchGroup group, ICollection<LinkChange> output)
    {
        for (var i = 0; i < group.Members.Count; i++)
        {
            for (var j = i + 1; j < group.Members.Count; j++)
            {
                Compare(change.Key, group.Members[i], null, group.Members[j], output);
            }

            store.PutOverflow(key, group.Members[i]);
        }

        store.PutOverflow(key, change.Features!);
        group.Count = group.Members.Count + 1;
        group.Members.Clear();
    }

    void ApplyCapped(in MemberChange change, string key, MatchGroup group, ICollection<LinkChange> output)
    {
        var known = store.GetOverflow(key, change.Urn) is not null;
        if (change.Features is not null)
        {
            store.PutOverflow(key, change.Features);
            group.Count += known ? 0 : 1;
            return;
        }

        if (!known)
        {
            return;
        }

        store.DeleteOverflow(key, change.Urn);
        group.Count--;
        if (group.Count > change.Key.Cap)
        {
            return;
        }

        group.Members.AddRange(store.ScanOverflow(key));
        for (var i = 0; i < group.Members.Count; i++)
        {
            store.DeleteOverflow(key, group.Members[i].Urn);
            for (var j = i + 1; j < group.Members.Count; j++)
            {
                Compare(change.Key, null, group.Members[i], group.Members[j], output);
            }
        }
    }

    void Compare(
        in MatchKey key, PersonFeatures? before, PersonFeatures? after, PersonFeatures other, ICollection<LinkChange> output)
    {
        LinkChange? was = before is null ? null : Link(key, before, other);
        LinkChange? now = after is null ? null : Link(key, after, other);
        if (now is not null)
        {
            if (now != was)
            {
                output.Add(now.Value);
            }
        }
        else if (was is { } old)
        {
            output.Add(old with { IsUnlink = true, Base = 0, Bonus = 0, Flags = PairFlags.None });
        }
    }

    /// <summary>What the key says about a pair; null when the pair can't matter.</summary>
    LinkChange? Link(in MatchKey key, PersonFeatures one, PersonFeatures other)
    {
        var score = _scorer.Score(one, other);
        if (!PairScorer.IsTold(model, one, other, score))
        {
            return null;
        }

        var bonus = key.IsIdentifier ? PairScorer.IdentifierWeight(key.Kind, score) : 0;
        var ordered = string.CompareOrdinal(one.Urn, other.Urn) < 0;
        return new LinkChange(
            key.Org, ordered ? one.Urn : other.Urn, ordered ? other.Urn : one.Urn, key.Kind, key.Hash, false, score.Base, bonus,
            score.Flags);
    }
}
