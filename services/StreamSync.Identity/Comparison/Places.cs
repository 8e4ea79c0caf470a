namespace StreamSync.Identity;

/// <summary>Comparison of addresses part by part; of several the two that agree most count.</summary>
static class Places
{
    public static void Compare(RecordView a, RecordView b, FrequencyTable table, ref Outcomes outcomes)
    {
        if (a.Addresses.Length == 0 || b.Addresses.Length == 0)
        {
            return;
        }

        var best = int.MinValue;
        var (bestX, bestY) = (a.Addresses[0], b.Addresses[0]);
        if (a.Addresses.Length + b.Addresses.Length > 2)
        {
            foreach (var x in a.Addresses)
            {
                foreach (var y in b.Addresses)
                {
                    var agreement = (Same(x.Address.PostalCode, y.Address.PostalCode) * 4) + (Same(x.Address.Street, y.Address.Street) * 4)
                        + (Same(x.Address.City, y.Address.City) * 2) + Same(x.Address.Number, y.Address.Number) + Same(x.District, y.District);
                    if (agreement > best)
                    {
                        (best, bestX, bestY) = (agreement, x, y);
                    }
                }
            }
        }

        outcomes[(int)Field.HouseNumber] = Values.Number(bestX.Address.Number, bestY.Address.Number, table, FrequencyKind.HouseNumber);
        outcomes[(int)Field.Street] = Values.Text(bestX.Address.Street, bestY.Address.Street, table, FrequencyKind.Street);
        outcomes[(int)Field.City] = Values.Text(bestX.Address.City, bestY.Address.City, table, FrequencyKind.City);
        outcomes[(int)Field.State] = Values.Category(bestX.Address.State, bestY.Address.State, table, FrequencyKind.State);
        outcomes[(int)Field.PostalCode] = PostalCode(bestX, bestY, table);
    }

    static int Same(string x, string y) => x.Length == 0 || y.Length == 0 ? 0 : x == y ? 1 : -1;

    static Outcome PostalCode(in AddressView a, in AddressView b, FrequencyTable table)
    {
        var (x, y) = (a.Address.PostalCode, b.Address.PostalCode);
        if (x.Length == 0 || y.Length == 0)
        {
            return default;
        }

        if (x == y)
        {
            return new Outcome(Levels.Exact, table.Of(FrequencyKind.PostalCode, x));
        }

        var edits = StringDistance.Damerau(x, y, 2);
        if (edits == 1)
        {
            return new Outcome(Levels.Postals.OneEdit, table.Of(FrequencyKind.PostalDistrict, a.District));
        }

        if (a.District == b.District)
        {
            return new Outcome(Levels.Postals.District, table.Of(FrequencyKind.PostalDistrict, a.District));
        }

        return edits == 2 ? new Outcome(Levels.Postals.TwoEdits, 0)
            : a.Area == b.Area ? new Outcome(Levels.Postals.Area, table.Of(FrequencyKind.PostalArea, a.Area)) : new Outcome(Levels.Postals.Differs, 0);
    }
}
