namespace StreamSync.Identity;

/// <summary>What the match keys of one partition say about a pair.</summary>
readonly record struct EdgePart(int Partition, LinkValue Value);

/// <summary>Everything known about a pair of records, as seen from one of them.</summary>
sealed class GraphEdge(string other)
{
    // Nearly always there is one part, which takes no array.
    EdgePart _only;
    EdgePart[]? _several;
    bool _hasOnly;

    public string Other { get; } = other;

    /// <summary>What each partition's keys say.</summary>
    public ReadOnlySpan<EdgePart> Parts => _several ?? new ReadOnlySpan<EdgePart>(in _only)[..(_hasOnly ? 1 : 0)];

    /// <summary>How many of the two records say, by their vendor's word, that the other is the same person.</summary>
    public int Assertions { get; set; }

    public bool IsUnused => Parts.Length == 0 && Assertions == 0;

    /// <summary>The rules whose keys bring the pair together, as bits.</summary>
    public uint Kinds
    {
        get
        {
            var kinds = 0u;
            foreach (var part in Parts)
            {
                kinds |= part.Value.Kinds;
            }

            return kinds;
        }
    }

    /// <summary>Replaces or removes what one partition says.</summary>
    /// <returns>False when nothing changed.</returns>
    public bool Set(int partition, LinkValue? value)
    {
        var parts = Parts;
        var at = 0;
        while (at < parts.Length && parts[at].Partition != partition)
        {
            at++;
        }

        var isKnown = at < parts.Length;
        if (isKnown ? parts[at].Value == value : value is null)
        {
            return false;
        }

        ReadOnlySpan<EdgePart> now = value is { } said ? [new EdgePart(partition, said)] : [];
        Keep(parts.Length == (isKnown ? 1 : 0) ? now : [.. parts[..at], .. parts[(isKnown ? at + 1 : at)..], .. now]);
        return true;
    }

    /// <summary>The pair's evidence: the fields' once, and the strongest identifier of each kind.</summary>
    public PairScore Total(IdentityModel model)
    {
        if (Parts.Length == 0)
        {
            return new PairScore(model.UnscoredPair, PairFlags.None);
        }

        var fields = int.MinValue;
        var flags = PairFlags.None;
        int id = 0, email = 0, phone = 0;
        foreach (var (_, value) in Parts)
        {
            if (value.Base > fields)
            {
                (fields, flags) = (value.Base, value.Flags);
            }

            id = value.Has(MatchKeyKind.ExternalId) ? PairScorer.SharedId : id;
            email = value.Has(MatchKeyKind.Email) ? Math.Max(email, value.Email) : email;
            phone = value.Has(MatchKeyKind.Phone) ? Math.Max(phone, value.Phone) : phone;
        }

        return new PairScore(model.Total(fields, id, email, phone, flags), flags, email, phone);
    }

    public void Write(CompactWriter writer)
    {
        writer.Text(Other);
        writer.Count(Assertions);
        writer.Count(Parts.Length);
        foreach (var part in Parts)
        {
            writer.Count(part.Partition);
            part.Value.Write(writer);
        }
    }

    public static GraphEdge Read(ref CompactReader reader)
    {
        var edge = new GraphEdge(reader.Text()) { Assertions = reader.Count() };
        var parts = new EdgePart[reader.Count()];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = new EdgePart(reader.Count(), LinkValue.Read(ref reader));
        }

        edge.Keep(parts);
        return edge;
    }

    void Keep(ReadOnlySpan<EdgePart> parts)
    {
        _hasOnly = parts.Length == 1;
        _only = _hasOnly ? parts[0] : default;
        _several = parts.Length > 1 ? parts.ToArray() : null;
    }
}
