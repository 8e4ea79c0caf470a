namespace StreamSync.Identity;

/// <summary>Comparison of addresses part by part; of several the two that agree most count.</summary>
static class Places
{
    public static void Compare(RecordView a, RecordView b, FrequencyTable table, ref Outcomes outcomes)
    {
        if (a.Features.Addresses.Length == 0 || b.Features.Addresses.Length == 0)
        {
            return;
        }

        var best = int.MinValue;
        var (bestX, bestY) = (a.Features.Addresses[0], b.Features.Addresses[0]);
        if (a.Features.Addresses.Length + b.Features.Addresses.Length > 2)
        {
            foreach (var x in a.Features.Addresses)
            {
                foreach (var y in b.Features.Addresses)
                {
                    var agreement = (Same(x.PostalCode, y.PostalCode) * 4) + (Same(x.Street, y.Street) * 4)
                        + (Same(x.City, y.City) * 2) + Same(x.Number, y.Number) + Same(PostalCodes.District(x.PostalCode), PostalCodes.District(y.PostalCode));
                    if (agreement > best)
                    {
                        (best, bestX, bestY) = (agreement, x, y);
                    }
                }
            }
        }

        outcomes[(int)Field.HouseNumber] = Values.Number(bestX.Number, bestY.Number, table, FrequencyKind.HouseNumber);
        outcomes[(int)Field.Street] = Values.Text(bestX.Street, bestY.Street, table, FrequencyKind.Street);
        outcomes[(int)Field.City] = Values.Text(bestX.City, bestY.City, table, FrequencyKind.City);
        outcomes[(int)Field.State] = Values.Category(bestX.State, bestY.State, table, FrequencyKind.State);
        outcomes[(int)Field.PostalCode] = PostalCode(bestX.PostalCode, bestY.PostalCode, table);
    }

    static int Same(ReadOnlySpan<char> x, ReadOnlySpan<char> y) => x.Length == 0 || y.Length == 0 ? 0 : x.SequenceEqual(y) ? 1 : -1;

    static Outcome PostalCode(string x, string y, FrequencyTable table)
    {
        if (x.Length == 0 || y.Length == 0)
        {
            return default;
        }

        if (x == y)
        {
            return new Outcome(Levels.Exact, table.Of(FrequencyKind.PostalCode, x));
        }

        var edits = StringDistance.Damerau(x, y, 2);
        var district = PostalCodes.District(x);
        if (edits == 1)
        {
            return new Outcome(Levels.Postals.OneEdit, table.Of(FrequencyKind.PostalDistrict, district));
        }

        if (district.SequenceEqual(PostalCodes.District(y)))
        {
            return new Outcome(Levels.Postals.District, table.Of(FrequencyKind.PostalDistrict, district));
        }

        var area = PostalCodes.Area(x);
        return edits == 2 ? new Outcome(Levels.Postals.TwoEdits, 0)
            : area.SequenceEqual(PostalCodes.Area(y)) ? new Outcome(Levels.Postals.Area, table.Of(FrequencyKind.PostalArea, area)) : new Outcome(Levels.Postals.Differs, 0);
    }
}
