namespace StreamSync.Identity;

/// <summary>Which records of a fixed set share match keys that are within their caps.</summary>
sealed class CandidateIndex
{
    // Groups of records by key, and keys by record, both as one array cut into pieces.
    readonly int[] _groupStart;
    readonly int[] _groupMembers;
    readonly int[] _recordStart;
    readonly int[] _recordGroups;

    // Identifiers that more records hold than one person's would: they bring nobody together and prove nothing.
    readonly HashSet<ulong> _cappedIdentifiers;

    CandidateIndex(int[] groupStart, int[] groupMembers, int[] recordStart, int[] recordGroups, HashSet<ulong> cappedIdentifiers)
    {
        _cappedIdentifiers = cappedIdentifiers;
        _groupStart = groupStart;
        _groupMembers = groupMembers;
        _recordStart = recordStart;
        _recordGroups = recordGroups;
    }

    public int Records => _recordStart.Length - 1;

    public static CandidateIndex Build(IReadOnlyList<PersonFeatures> records, bool wide = true)
    {
        var keys = new List<ulong>(records.Count * 16);
        var owners = new List<int>(records.Count * 16);
        var caps = new List<short>(records.Count * 16);
        for (var i = 0; i < records.Count; i++)
        {
            foreach (var key in MatchKeys.For(records[i], wide))
            {
                keys.Add(key.WideHash);
                owners.Add(i);

                // The sign tells identifiers from keys that only bring together.
                caps.Add((short)(key.IsIdentifier ? -key.Cap : key.Cap));
            }
        }

        var capped = new HashSet<ulong>();

        var hashes = keys.ToArray();
        var order = new int[hashes.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(hashes, order);
        var starts = new List<int> { 0 };
        var members = new List<int>(order.Length / 2);
        var recordCount = new int[records.Count + 1];
        for (var from = 0; from < hashes.Length;)
        {
            var to = from + 1;
            while (to < hashes.Length && hashes[to] == hashes[from])
            {
                to++;
            }

            var cap = caps[order[from]];
            if (cap < 0 && to - from > -cap)
            {
                capped.Add(hashes[from]);
            }

            if (to - from > 1 && to - from <= Math.Abs(cap))
            {
                for (var i = from; i < to; i++)
                {
                    members.Add(owners[order[i]]);
                    recordCount[owners[order[i]] + 1]++;
                }

                starts.Add(members.Count);
            }

            from = to;
        }

        for (var i = 0; i < records.Count; i++)
        {
            recordCount[i + 1] += recordCount[i];
        }

        var groups = new int[members.Count];
        var next = recordCount.ToArray();
        for (var g = 0; g < starts.Count - 1; g++)
        {
            for (var i = starts[g]; i < starts[g + 1]; i++)
            {
                groups[next[members[i]]++] = g;
            }
        }

        return new CandidateIndex([.. starts], [.. members], recordCount, groups, capped);
    }

    /// <summary>All records that share a key with a record, some several times.</summary>
    public IEnumerable<int> SharingWith(int record)
    {
        for (var i = _recordStart[record]; i < _recordStart[record + 1]; i++)
        {
            var group = _recordGroups[i];
            for (var j = _groupStart[group]; j < _groupStart[group + 1]; j++)
            {
                yield return _groupMembers[j];
            }
        }
    }

    /// <summary>All evidence of a pair: shared identifiers count unless too many records hold them.</summary>
    public int Total(IdentityModel model, PersonFeatures a, PersonFeatures b, in PairScore score)
    {
        if (_cappedIdentifiers.Count == 0)
        {
            return model.Total(score.Base, PairScorer.SharesId(a, b) ? PairScorer.SharedId : 0, score.Email, score.Phone, score.Flags);
        }

        var (id, email, phone) = (0, 0, 0);
        foreach (var key in MatchKeys.Identifiers(a))
        {
            if (MatchKeys.Holds(b, key) && !_cappedIdentifiers.Contains(key.WideHash))
            {
                switch (key.Kind)
                {
                    case MatchKeyKind.ExternalId:
                        id = PairScorer.SharedId;
                        break;
                    case MatchKeyKind.Email:
                        email = score.Email;
                        break;
                    default:
                        phone = score.Phone;
                        break;
                }
            }
        }

        return model.Total(score.Base, id, email, phone, score.Flags);
    }

    /// <summary>The later records that share a key with a record, each once.</summary>
    /// <param name="record">The record.</param>
    /// <param name="seen">Scratch of one number a record, all below 0 at first.</param>
    /// <param name="later">Receives them, in no particular order.</param>
    public void LaterThan(int record, int[] seen, List<int> later)
    {
        later.Clear();
        for (var i = _recordStart[record]; i < _recordStart[record + 1]; i++)
        {
            var group = _recordGroups[i];
            for (var j = _groupStart[group]; j < _groupStart[group + 1]; j++)
            {
                var other = _groupMembers[j];
                if (other > record && seen[other] != record)
                {
                    seen[other] = record;
                    later.Add(other);
                }
            }
        }
    }
}
