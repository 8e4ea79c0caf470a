namespace StreamSync.Identity;

/// <summary>
/// Counts the values of a set of records into a frequency table, drawn towards the shipped one: in a set of ten records a value that two hold is
/// not common.
/// </summary>
static class FrequencyCounter
{
    // How many records the shipped frequencies weigh as much as.
    const double ShippedStrength = 50;

    public static FrequencyTable Count(IReadOnlyList<PersonFeatures> records)
    {
        var counts = new Dictionary<string, int>[FrequencyTable.Kinds];
        var holders = new int[FrequencyTable.Kinds];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = new Dictionary<string, int>(StringComparer.Ordinal);
        }

        foreach (var record in records)
        {
            foreach (var name in record.Names)
            {
                holders[(int)FrequencyKind.AnyName]++;
                Words(name.First, FrequencyKind.GivenName);
                Words(name.Middle, FrequencyKind.GivenName, holds: false);
                Words(name.Last, FrequencyKind.FamilyName);
            }

            var digits = record.BirthDate.Digits;
            Add(FrequencyKind.BirthDate, digits);
            Add(FrequencyKind.BirthYear, digits.Length >= 4 ? digits[..4] : "");
            Add(FrequencyKind.MonthDay, digits.Length == 8 ? digits[4..] : "");
            foreach (var email in record.Emails)
            {
                Add(FrequencyKind.Email, email);
                Add(FrequencyKind.EmailLocal, email[..Math.Max(0, email.LastIndexOf('@'))]);
            }

            foreach (var phone in record.Phones)
            {
                Add(FrequencyKind.Phone, phone);
            }

            foreach (var address in record.Addresses)
            {
                Add(FrequencyKind.HouseNumber, address.Number);
                Add(FrequencyKind.Street, address.Street);
                Add(FrequencyKind.City, address.City);
                Add(FrequencyKind.PostalCode, address.PostalCode);
                Add(FrequencyKind.PostalDistrict, PostalCodes.District(address.PostalCode).ToString());
                Add(FrequencyKind.PostalArea, PostalCodes.Area(address.PostalCode).ToString());
                Add(FrequencyKind.State, address.State);
                TextWords(address.Street);
                TextWords(address.City);
            }

            Add(FrequencyKind.BirthPlace, record.BirthPlace);
            Add(FrequencyKind.Occupation, record.Occupation);
            TextWords(record.BirthPlace);
            TextWords(record.Occupation);
            foreach (var extra in record.Extras)
            {
                Add(RecordComparer.KindOf(extra.Field), extra.Value);
                TextWords(extra.Value);
            }
        }

        holders[(int)FrequencyKind.Word] = records.Count;
        var table = new FrequencyTable();
        for (var kind = 0; kind < counts.Length; kind++)
        {
            var total = Math.Max(1, holders[kind]);
            var shipped = ShippedModel.Frequencies;
            table.SetDefault((FrequencyKind)kind, Bits(1, total, shipped.DefaultOf((FrequencyKind)kind)));
            foreach (var (value, count) in counts[kind])
            {
                table.Set((FrequencyKind)kind, value, Bits(count, total, shipped.Of((FrequencyKind)kind, value)));
            }
        }

        return table;

        void Add(FrequencyKind kind, string value)
        {
            if (value.Length == 0)
            {
                return;
            }

            holders[(int)kind]++;
            counts[(int)kind][value] = counts[(int)kind].GetValueOrDefault(value) + 1;
        }

        void Words(string text, FrequencyKind kind, bool holds = true)
        {
            if (text.Length == 0)
            {
                return;
            }

            holders[(int)kind] += holds ? 1 : 0;
            foreach (var word in text.Split(' '))
            {
                counts[(int)kind][word] = counts[(int)kind].GetValueOrDefault(word) + 1;
                counts[(int)FrequencyKind.AnyName][word] = counts[(int)FrequencyKind.AnyName].GetValueOrDefault(word) + 1;
            }
        }

        void TextWords(string text)
        {
            if (text.Contains(' ', StringComparison.Ordinal))
            {
                foreach (var word in text.Split(' '))
                {
                    counts[(int)FrequencyKind.Word][word] = counts[(int)FrequencyKind.Word].GetValueOrDefault(word) + 1;
                }
            }
        }
    }

    static short Bits(int count, int total, short shipped) => (short)Math.Clamp(
        Math.Round(-100 * Math.Log2(Math.Min(1, (count + (ShippedStrength * Math.Pow(2, shipped / -100.0))) / (total + ShippedStrength)))), 0, 3000);
}
