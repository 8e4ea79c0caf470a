using System.Collections.Frozen;

namespace StreamSync.Identity;

/// <summary>Makes the record of a row.</summary>
static class PersonRow
{
    // Written where there is nothing, by programs; a name may be any word but these.
    static readonly FrozenSet<string> NoValues = new[] { "null", "nan", "n/a", "#n/a", "\\n", "(null)", "<null>", "<na>", "none", "nil", "-", "--", "?" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>True for what programs write where there is nothing.</summary>
    public static bool IsNoValue(string value) => NoValues.Contains(value);

    /// <summary>The record that a row describes.</summary>
    /// <param name="row">The row's values.</param>
    /// <param name="roles">What each column means.</param>
    /// <param name="wholeAddresses">True when no column holds the city, state or postal code: then the address line does.</param>
    /// <param name="urn">The record's URN.</param>
    /// <param name="org">Its group.</param>
    public static PersonRecord Read(IReadOnlyList<string> row, ReadOnlySpan<ColumnRole> roles, bool wholeAddresses, string urn, string org)
    {
        string? given = null, middle = null, family = null, second = null, former = null, suffix = null, full = null, preferred = null, birth = null, month = null, day = null;
        string? number = null, street = null, city = null, state = null, zip = null, country = null, birthPlace = null, occupation = null;
        var emails = new List<string>(1);
        var phones = new List<string>(1);
        var ids = new List<ExternalId>(0);
        var extras = new List<ExtraValue>(0);
        var extra = 0;
        for (var i = 0; i < row.Count && i < roles.Length; i++)
        {
            var value = row[i];
            if (value.Length == 0 || NoValues.Contains(value))
            {
                extra += roles[i] == ColumnRole.Extra ? 1 : 0;
                continue;
            }

            switch (roles[i])
            {
                case ColumnRole.Given: given ??= value; break;
                case ColumnRole.Middle: middle ??= value; break;
                case ColumnRole.Family: family ??= value; break;
                case ColumnRole.SecondFamily: second ??= value; break;
                case ColumnRole.FormerFamily: former ??= value; break;
                case ColumnRole.Suffix: suffix ??= value; break;
                case ColumnRole.FullName: full ??= value; break;
                case ColumnRole.PreferredName: preferred ??= value; break;
                case ColumnRole.Email: emails.AddRange(EmailsOf(value)); break;
                case ColumnRole.Phone: phones.AddRange(PhonesOf(value)); break;
                case ColumnRole.BirthDate: birth ??= value; break;
                case ColumnRole.BirthMonth: month ??= Whole(value); break;
                case ColumnRole.BirthDay: day ??= Whole(value); break;
                case ColumnRole.HouseNumber: number ??= value; break;
                case ColumnRole.Street: street ??= value; break;
                case ColumnRole.City: city ??= value; break;
                case ColumnRole.State: state ??= value; break;
                case ColumnRole.PostalCode: zip ??= value; break;
                case ColumnRole.Country: country ??= value; break;
                case ColumnRole.BirthPlace: birthPlace ??= value; break;
                case ColumnRole.Occupation: occupation ??= value; break;
                case ColumnRole.Gender: extras.Add(new ExtraValue(Field.Gender, GenderOf(value))); break;
                case ColumnRole.NationalId: extras.Add(new ExtraValue(Field.NationalId, value)); break;
                case ColumnRole.AddressLine2: extras.Add(new ExtraValue(Field.AddressLine2, value)); break;
                case ColumnRole.StateFileId: ids.Add(new ExternalId("statefile", "", value)); break;
                case ColumnRole.VoterbaseId: ids.Add(new ExternalId("voterbase", "", value)); break;
                case ColumnRole.Dwid: ids.Add(new ExternalId("dwid", "", value)); break;
                case ColumnRole.VanId: ids.Add(new ExternalId("van", "", value)); break;
                case ColumnRole.Extra:
                    extras.Add(new ExtraValue((Field)((int)Field.Extra1 + extra), value));
                    extra++;
                    break;
                default: break;
            }
        }

        family = second is null ? family : family is null ? second : $"{family} {second}";
        if (birth is not null && month is not null && Whole(birth) is { Length: <= 4 } year)
        {
            birth = day is null ? $"{year}-{month}" : $"{year}-{month}-{day}";
        }

        extras.Sort(static (x, y) => x.Field.CompareTo(y.Field));
        var names = new List<PersonName>(1);
        if ((given ?? family ?? full) is not null)
        {
            names.Add(new PersonName(given, middle, family, suffix, full));
        }

        if (preferred is not null && preferred != given && family is not null)
        {
            names.Add(new PersonName(preferred, null, family, suffix));
        }

        if (former is not null && former != family && given is not null)
        {
            names.Add(new PersonName(given, middle, former, suffix));
        }

        var line = number is null ? street : street is null ? number : $"{number} {street}";
        var address = new PostalAddress(line, city, state, zip, country);
        if (line is not null && wholeAddresses)
        {
            address = OneLineAddress.Split(line, country);
        }

        return new PersonRecord
        {
            Urn = urn,
            Org = org,
            Names = names,
            Emails = emails,
            Phones = phones,
            BirthDate = birth,
            Addresses = (line ?? city ?? state ?? zip) is null ? [] : [address],
            Ids = ids,
            BirthPlace = birthPlace,
            Occupation = occupation,
            Extras = extras,
        };
    }

    /// <summary>The e-mail addresses of a cell.</summary>
    public static string[] EmailsOf(string value) => SeveralOf(value, ";,| \n", part => part.Contains('@', StringComparison.Ordinal));

    /// <summary>The phone numbers of a cell.</summary>
    public static string[] PhonesOf(string value) => SeveralOf(value, ";,|/\n", part => part.Count(char.IsAsciiDigit) >= 7);

    /// <summary>A number as it was before a spreadsheet or a data frame made a fraction of it.</summary>
    public static string Whole(string number) => number.EndsWith(".0", StringComparison.Ordinal) ? number[..^2] : number;

    /// <summary>The values of a cell that holds several, each of which looks like one; else the cell as it is.</summary>
    static string[] SeveralOf(string cell, string separators, Func<string, bool> isOne)
    {
        if (cell.AsSpan().IndexOfAny(separators) < 0)
        {
            return [cell];
        }

        var parts = cell.Split(separators.ToCharArray(), StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length > 1 && parts.All(isOne) ? parts : [cell];
    }

    /// <summary>One word for what tools write as a letter or a word.</summary>
    static string GenderOf(string value) => value.ToUpperInvariant() switch
    {
        "M" or "MALE" or "MAN" => "male",
        "F" or "FEMALE" or "WOMAN" => "female",
        _ => value,
    };
}
