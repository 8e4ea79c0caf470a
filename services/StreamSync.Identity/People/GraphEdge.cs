namespace StreamSync.Identity;

/// <summary>What one key says about a pair.</summary>
readonly record struct EdgePart(MatchKeyKind KeyKind, uint KeyHash, int Base, int Bonus, PairFlags Flags);

/// <summary>Everything known about a pair of records, as seen from one of them.</summary>
sealed class GraphEdge(string other)
{
    public string Other { get; } = other;

    /// <summary>What each key says.</summary>
    public List<EdgePart> Parts { get; } = [];

    /// <summary>How many of the two records say, by their vendor's word, that the other is the same person.</summary>
    public int Assertions { get; set; }

    public bool IsUnused => Parts.Count == 0 && Assertions == 0;

    /// <summary>Replaces or removes what one key says.</summary>
    /// <returns>False when nothing changed.</returns>
    public bool Set(MatchKeyKind kind, uint keyHash, EdgePart? part)
    {
        for (var i = 0; i < Parts.Count; i++)
        {
            if (Parts[i].KeyKind == kind && Parts[i].KeyHash == keyHash)
            {
                if (part is null)
                {
                    Parts.RemoveAt(i);
                    return true;
                }

                var changed = Parts[i] != part.Value;
                Parts[i] = part.Value;
                return changed;
            }
        }

        if (part is null)
        {
            return false;
        }

        Parts.Add(part.Value);
        return true;
    }

    /// <summary>The pair's evidence: the fields' once, and the strongest identifier of each kind.</summary>
    public PairScore Total(IdentityModel model)
    {
        var fields = int.MinValue;
        var flags = PairFlags.None;
        int id = 0, email = 0, phone = 0;
        foreach (var part in Parts)
        {
            if (part.Base > fields)
            {
                (fields, flags) = (part.Base, part.Flags);
            }

            switch (part.KeyKind)
            {
                case MatchKeyKind.ExternalId:
                    id = Math.Max(id, part.Bonus);
                    break;
                case MatchKeyKind.Email:
                    email = Math.Max(email, part.Bonus);
                    break;
                case MatchKeyKind.Phone:
                    phone = Math.Max(phone, part.Bonus);
                    break;
                default:
                    break;
            }
        }

        if (Parts.Count == 0)
        {
            return new PairScore(model.UnscoredPair, PairFlags.None);
        }

        return new PairScore(model.Total(fields, id, email, phone, flags), flags);
    }

    public void Write(CompactWriter writer)
    {
        writer.Text(Other);
        writer.Count(Assertions);
        writer.Count(Parts.Count);
        foreach (var part in Parts)
        {
            writer.Byte((byte)part.KeyKind);
            writer.Count((int)part.KeyHash);
            writer.Number(part.Base);
            writer.Number(part.Bonus);
            writer.Byte((byte)part.Flags);
        }
    }

    public static GraphEdge Read(ref CompactReader reader)
    {
        var edge = new GraphEdge(reader.Text()) { Assertions = reader.Count() };
        for (var i = reader.Count(); i > 0; i--)
        {
            edge.Parts.Add(new EdgePart(
                (MatchKeyKind)reader.Byte(), (uint)reader.Count(), (int)reader.Number(), (int)reader.Number(), (PairFlags)reader.Byte()));
        }

        return edge;
    }
}
