namespace StreamSync.Identity;

/// <summary>What one partition's match keys, or a vendor, say about a record and another.</summary>
/// <param name="Other">The other record, by its number.</param>
/// <param name="Partition">Whose match keys speak; <see cref="Vendor"/> for the vendor's word.</param>
/// <param name="Value">What they say; of the vendor's word, how many of the two records hold it, as its base.</param>
readonly record struct EdgePart(int Other, int Partition, LinkValue Value)
{
    public const int Vendor = -1;

    public bool IsVendors => Partition == Vendor;
}

/// <summary>Everything known about a pair of records, as seen from one of them; good until the graph changes.</summary>
/// <param name="parts">The parts on one other record, the vendor's word first; none when nothing is known.</param>
readonly ref struct GraphEdge(ReadOnlySpan<EdgePart> parts)
{
    readonly ReadOnlySpan<EdgePart> _parts = parts;

    /// <summary>The other record, by its number.</summary>
    public int Other => _parts[0].Other;

    /// <summary>How many of the two records say, by their vendor's word, that the other is the same person.</summary>
    public int Assertions => _parts is [{ IsVendors: true } vendors, ..] ? vendors.Value.Base : 0;

    /// <summary>What each partition's keys say.</summary>
    public ReadOnlySpan<EdgePart> Links => _parts is [{ IsVendors: true }, ..] ? _parts[1..] : _parts;

    /// <summary>The rules whose keys bring the pair together, as bits.</summary>
    public uint Kinds
    {
        get
        {
            var kinds = 0u;
            foreach (var part in Links)
            {
                kinds |= part.Value.Kinds;
            }

            return kinds;
        }
    }

    /// <summary>The pair's evidence: the fields' once, and the strongest identifier of each kind; that of a pair nobody compared where there is none.</summary>
    public PairScore Total(IdentityModel model)
    {
        if (Links.Length == 0)
        {
            return new PairScore(model.UnscoredPair, PairFlags.None);
        }

        var fields = int.MinValue;
        var flags = PairFlags.None;
        int id = 0, email = 0, phone = 0;
        foreach (var (_, _, value) in Links)
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
}

/// <summary>The edges of a record, one after the other; good until the graph changes.</summary>
/// <param name="parts">All their parts, those on one other record side by side.</param>
ref struct GraphEdges(ReadOnlySpan<EdgePart> parts)
{
    ReadOnlySpan<EdgePart> _rest = parts;
    int _length;

    public readonly GraphEdge Current => new(_rest[.._length]);

    public readonly GraphEdges GetEnumerator() => this;

    public bool MoveNext()
    {
        _rest = _rest[_length..];
        _length = 0;
        while (_length < _rest.Length && _rest[_length].Other == _rest[0].Other)
        {
            _length++;
        }

        return _length > 0;
    }
}
