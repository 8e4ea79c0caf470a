using System.Collections.Frozen;

namespace StreamSync.Identity;

/// <summary>What a column of a table of people means.</summary>
public enum ColumnRole
{
    /// <summary>Not used.</summary>
    Ignored,

    /// <summary>Given name.</summary>
    Given,

    /// <summary>Middle name.</summary>
    Middle,

    /// <summary>Family name.</summary>
    Family,

    /// <summary>A further part of the family name, where it stands in a column of its own.</summary>
    SecondFamily,

    /// <summary>A former family name, such as a maiden name; a second name of the record.</summary>
    FormerFamily,

    /// <summary>Jr, Sr, III.</summary>
    Suffix,

    /// <summary>The whole name.</summary>
    FullName,

    /// <summary>A name by which the person is called; a second name of the record.</summary>
    PreferredName,

    /// <summary>E-mail address.</summary>
    Email,

    /// <summary>Phone number.</summary>
    Phone,

    /// <summary>Birth date, or its year where month and day stand in columns of their own.</summary>
    BirthDate,

    /// <summary>Month of birth.</summary>
    BirthMonth,

    /// <summary>Day of the month of birth.</summary>
    BirthDay,

    /// <summary>House number.</summary>
    HouseNumber,

    /// <summary>Street, or the whole first address line.</summary>
    Street,

    /// <summary>Second address line.</summary>
    AddressLine2,

    /// <summary>City, suburb or place.</summary>
    City,

    /// <summary>State or province.</summary>
    State,

    /// <summary>Postal code.</summary>
    PostalCode,

    /// <summary>Country.</summary>
    Country,

    /// <summary>Place of birth.</summary>
    BirthPlace,

    /// <summary>Occupation.</summary>
    Occupation,

    /// <summary>Gender.</summary>
    Gender,

    /// <summary>National id, social security or tax number.</summary>
    NationalId,

    /// <summary>Voter file id of a state.</summary>
    StateFileId,

    /// <summary>Id of a national voter file (VoteBuilder, TargetSmart).</summary>
    VoterbaseId,

    /// <summary>Catalist's id of a person.</summary>
    Dwid,

    /// <summary>VAN id.</summary>
    VanId,

    /// <summary>Any other field, compared as text.</summary>
    Extra,
}

/// <summary>Which column means what: by names in common use, and by what the user says.</summary>
public sealed class ColumnMap
{
    static readonly FrozenDictionary<string, ColumnRole> Known = new Dictionary<string, ColumnRole>(StringComparer.Ordinal)
    {
        ["given"] = ColumnRole.Given,
        ["givenname"] = ColumnRole.Given,
        ["firstname"] = ColumnRole.Given,
        ["first"] = ColumnRole.Given,
        ["fname"] = ColumnRole.Given,
        ["forename"] = ColumnRole.Given,
        ["namefirst"] = ColumnRole.Given,
        ["voterfirstname"] = ColumnRole.Given,
        ["fnamec1"] = ColumnRole.Given,
        ["pername1"] = ColumnRole.Given,
        ["nombre"] = ColumnRole.Given,
        ["nombres"] = ColumnRole.Given,
        ["middle"] = ColumnRole.Middle,
        ["midlname"] = ColumnRole.Middle,
        ["fnamec2"] = ColumnRole.Middle,
        ["middlename"] = ColumnRole.Middle,
        ["mname"] = ColumnRole.Middle,
        ["middleinitial"] = ColumnRole.Middle,
        ["namemiddle"] = ColumnRole.Middle,
        ["additionalname"] = ColumnRole.Middle,
        ["family"] = ColumnRole.Family,
        ["familyname"] = ColumnRole.Family,
        ["lastname"] = ColumnRole.Family,
        ["last"] = ColumnRole.Family,
        ["lname"] = ColumnRole.Family,
        ["surname"] = ColumnRole.Family,
        ["namelast"] = ColumnRole.Family,
        ["voterlastname"] = ColumnRole.Family,
        ["lnamec1"] = ColumnRole.Family,
        ["pername2"] = ColumnRole.Family,
        ["apellido"] = ColumnRole.Family,
        ["apellidos"] = ColumnRole.Family,
        ["apellidopaterno"] = ColumnRole.Family,
        ["lnamec2"] = ColumnRole.SecondFamily,
        ["apellidomaterno"] = ColumnRole.SecondFamily,
        ["secondlastname"] = ColumnRole.SecondFamily,
        ["secondsurname"] = ColumnRole.SecondFamily,
        ["maiden"] = ColumnRole.FormerFamily,
        ["maidenname"] = ColumnRole.FormerFamily,
        ["formerlastname"] = ColumnRole.FormerFamily,
        ["previouslastname"] = ColumnRole.FormerFamily,
        ["suffix"] = ColumnRole.Suffix,
        ["namesufxcd"] = ColumnRole.Suffix,
        ["suffixname"] = ColumnRole.Suffix,
        ["namesuffix"] = ColumnRole.Suffix,
        ["honorificsuffix"] = ColumnRole.Suffix,
        ["fullname"] = ColumnRole.FullName,
        ["name"] = ColumnRole.FullName,
        ["displayname"] = ColumnRole.FullName,
        ["contactname"] = ColumnRole.FullName,
        ["nickname"] = ColumnRole.PreferredName,
        ["preferredname"] = ColumnRole.PreferredName,
        ["goesby"] = ColumnRole.PreferredName,
        ["email"] = ColumnRole.Email,
        ["emailaddress"] = ColumnRole.Email,
        ["preferredemail"] = ColumnRole.Email,
        ["mail"] = ColumnRole.Email,
        ["primaryemail"] = ColumnRole.Email,
        ["personalemail"] = ColumnRole.Email,
        ["workemail"] = ColumnRole.Email,
        ["otheremail"] = ColumnRole.Email,
        ["secondaryemail"] = ColumnRole.Email,
        ["alternateemail"] = ColumnRole.Email,
        ["correo"] = ColumnRole.Email,
        ["phone"] = ColumnRole.Phone,
        ["phonenumber"] = ColumnRole.Phone,
        ["mobile"] = ColumnRole.Phone,
        ["mobilephone"] = ColumnRole.Phone,
        ["mobilenumber"] = ColumnRole.Phone,
        ["cell"] = ColumnRole.Phone,
        ["cellphone"] = ColumnRole.Phone,
        ["homephone"] = ColumnRole.Phone,
        ["preferredphone"] = ColumnRole.Phone,
        ["workphone"] = ColumnRole.Phone,
        ["telephone"] = ColumnRole.Phone,
        ["primaryphone"] = ColumnRole.Phone,
        ["phonenum"] = ColumnRole.Phone,
        ["phoneno"] = ColumnRole.Phone,
        ["fullphonenumber"] = ColumnRole.Phone,
        ["telephonenumber"] = ColumnRole.Phone,
        ["telephoneno"] = ColumnRole.Phone,
        ["tel"] = ColumnRole.Phone,
        ["cellnumber"] = ColumnRole.Phone,
        ["otherphone"] = ColumnRole.Phone,
        ["secondaryphone"] = ColumnRole.Phone,
        ["alternatephone"] = ColumnRole.Phone,
        ["telefono"] = ColumnRole.Phone,
        ["landline"] = ColumnRole.Phone,
        ["dob"] = ColumnRole.BirthDate,
        ["dateofbirth"] = ColumnRole.BirthDate,
        ["birthdate"] = ColumnRole.BirthDate,
        ["birthday"] = ColumnRole.BirthDate,
        ["birthdt"] = ColumnRole.BirthDate,
        ["born"] = ColumnRole.BirthDate,
        ["fechanacimiento"] = ColumnRole.BirthDate,
        ["birthyear"] = ColumnRole.BirthDate,
        ["yearofbirth"] = ColumnRole.BirthDate,
        ["dobyear"] = ColumnRole.BirthDate,
        ["by"] = ColumnRole.BirthDate,
        ["birthmonth"] = ColumnRole.BirthMonth,
        ["monthofbirth"] = ColumnRole.BirthMonth,
        ["dobmonth"] = ColumnRole.BirthMonth,
        ["dobmon"] = ColumnRole.BirthMonth,
        ["bm"] = ColumnRole.BirthMonth,
        ["dayofbirth"] = ColumnRole.BirthDay,
        ["birthdayofmonth"] = ColumnRole.BirthDay,
        ["dobday"] = ColumnRole.BirthDay,
        ["bd"] = ColumnRole.BirthDay,
        ["streetnumber"] = ColumnRole.HouseNumber,
        ["housenumber"] = ColumnRole.HouseNumber,
        ["streetno"] = ColumnRole.HouseNumber,
        ["housenum"] = ColumnRole.HouseNumber,
        ["hsenum"] = ColumnRole.HouseNumber,
        ["address"] = ColumnRole.Street,
        ["address1"] = ColumnRole.Street,
        ["addressline1"] = ColumnRole.Street,
        ["street"] = ColumnRole.Street,
        ["streetname"] = ColumnRole.Street,
        ["streetaddress"] = ColumnRole.Street,
        ["addresslines"] = ColumnRole.Street,
        ["mailingaddress"] = ColumnRole.Street,
        ["primaryaddress"] = ColumnRole.Street,
        ["fulladdress"] = ColumnRole.Street,
        ["postaladdress"] = ColumnRole.Street,
        ["direccion"] = ColumnRole.Street,
        ["enumcap"] = ColumnRole.Street,
        ["address2"] = ColumnRole.AddressLine2,
        ["addressline2"] = ColumnRole.AddressLine2,
        ["city"] = ColumnRole.City,
        ["suburb"] = ColumnRole.City,
        ["town"] = ColumnRole.City,
        ["locality"] = ColumnRole.City,
        ["municipality"] = ColumnRole.City,
        ["citydesc"] = ColumnRole.City,
        ["ciudad"] = ColumnRole.City,
        ["state"] = ColumnRole.State,
        ["stateorprovince"] = ColumnRole.State,
        ["province"] = ColumnRole.State,
        ["region"] = ColumnRole.State,
        ["stateprovince"] = ColumnRole.State,
        ["statecd"] = ColumnRole.State,
        ["statecode"] = ColumnRole.State,
        ["postcode"] = ColumnRole.PostalCode,
        ["postalcode"] = ColumnRole.PostalCode,
        ["zip"] = ColumnRole.PostalCode,
        ["zipcode"] = ColumnRole.PostalCode,
        ["zip5"] = ColumnRole.PostalCode,
        ["ziporpostalcode"] = ColumnRole.PostalCode,
        ["postcodefake"] = ColumnRole.PostalCode,
        ["codigopostal"] = ColumnRole.PostalCode,
        ["enumpc"] = ColumnRole.PostalCode,
        ["country"] = ColumnRole.Country,
        ["countrycode"] = ColumnRole.Country,
        ["birthplace"] = ColumnRole.BirthPlace,
        ["placeofbirth"] = ColumnRole.BirthPlace,
        ["occupation"] = ColumnRole.Occupation,
        ["job"] = ColumnRole.Occupation,
        ["jobtitle"] = ColumnRole.Occupation,
        ["profession"] = ColumnRole.Occupation,
        ["gender"] = ColumnRole.Gender,
        ["sex"] = ColumnRole.Gender,
        ["gendercode"] = ColumnRole.Gender,
        ["sexcode"] = ColumnRole.Gender,
        ["socsecid"] = ColumnRole.NationalId,
        ["ssn"] = ColumnRole.NationalId,
        ["socialsecurity"] = ColumnRole.NationalId,
        ["socialsecuritynumber"] = ColumnRole.NationalId,
        ["nationalid"] = ColumnRole.NationalId,
        ["nationalinsurance"] = ColumnRole.NationalId,
        ["taxid"] = ColumnRole.NationalId,
        ["statefileid"] = ColumnRole.StateFileId,
        ["statevoterid"] = ColumnRole.StateFileId,
        ["voterid"] = ColumnRole.StateFileId,
        ["sosid"] = ColumnRole.StateFileId,
        ["voterbaseid"] = ColumnRole.VoterbaseId,
        ["dwid"] = ColumnRole.Dwid,
        ["selectedvoterbaseid"] = ColumnRole.VoterbaseId,
        ["vbvoterbaseid"] = ColumnRole.VoterbaseId,
        ["votervanid"] = ColumnRole.VanId,
        ["vanid"] = ColumnRole.VanId,
        ["myvanid"] = ColumnRole.VanId,
        ["votebuilderid"] = ColumnRole.VoterbaseId,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Whose a column is says nothing of what it holds: donor_first_name, "Mailing City", res_zip.
    static readonly string[] Owners =
    [
        "residential", "residence", "permanent", "supporter", "customer", "mailing", "primary", "contact", "patient", "current", "member", "person", "client",
        "donor", "voter", "home", "mail", "res",
    ];

    // A record has one of each: the column that is called plainly so goes before one that is called like it.
    static readonly FrozenSet<ColumnRole> Several = new[] { ColumnRole.Email, ColumnRole.Phone }.ToFrozenSet();

    // Written where there is nothing, by programs; a name may be any word but these.
    static readonly FrozenSet<string> NoValues = new[] { "null", "nan", "n/a", "#n/a", "\\n", "(null)", "<null>", "<na>", "none", "nil", "-", "--", "?" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // The words of --map, beside those that are column names in common use.
    static readonly FrozenDictionary<string, ColumnRole> Roles =
        Enum.GetValues<ColumnRole>().Where(role => role != ColumnRole.Ignored).ToFrozenDictionary(role => Plain(role.ToString()), StringComparer.Ordinal);

    const int MaxExtras = Field.Extra4 - Field.Extra1 + 1;

    readonly ColumnRole[] _roles;

    // No column holds the city, state or postal code: then the address line does.
    readonly bool _wholeAddresses;

    ColumnMap(IReadOnlyList<string> columns, ColumnRole[] roles)
    {
        Columns = columns;
        _roles = roles;
        _wholeAddresses = !roles.Any(role => role is ColumnRole.City or ColumnRole.State or ColumnRole.PostalCode);
    }

    /// <summary>The table's columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Columns that nothing is known about, which matching does not use.</summary>
    public IReadOnlyList<string> Unused => [.. Columns.Where((_, i) => _roles[i] == ColumnRole.Ignored)];

    /// <summary>What a column means.</summary>
    public ColumnRole this[int column] => _roles[column];

    /// <summary>Finds out what the columns of a table mean.</summary>
    /// <param name="file">Name of the file, for errors.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="said">What the user says: <c>role=column</c>, comma separated; a role that is mapped takes no other column.</param>
    /// <param name="leaveOut">Columns that must not be evidence: ids of rows and the truth.</param>
    /// <param name="elsewhere">Columns of other files that are read with this one: the user may speak of them.</param>
    /// <exception cref="TableException">A role or a column is unknown.</exception>
    public static ColumnMap For(string file, IReadOnlyList<string> columns, string? said = null, IReadOnlyCollection<string>? leaveOut = null, IReadOnlyList<string>? elsewhere = null)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var roles = new ColumnRole[columns.Count];
        var mapped = new HashSet<ColumnRole>();
        foreach (var part in (said ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var word = equals < 0 ? part : part[..equals].Trim();
            var column = equals < 0 ? "" : part[(equals + 1)..].Trim();
            var plain = Plain(word);
            if (equals < 0 || !(Roles.TryGetValue(plain, out var role) || Known.TryGetValue(plain, out role)))
            {
                throw new TableException($"--map '{part}' is not field=column; fields are {string.Join(", ", Roles.Values.Order().Select(r => Snake(r.ToString())))}.");
            }

            var at = Find(columns, column);
            if (at < 0 && Find(elsewhere ?? [], column) >= 0)
            {
                continue;
            }

            if (at < 0)
            {
                throw new TableException($"{file}, line 1: there is no column '{column}' for {word}; the columns are {string.Join(", ", columns)}.");
            }

            roles[at] = role;
            mapped.Add(role);
            if (roles.Count(r => r == ColumnRole.Extra) > MaxExtras)
            {
                throw new TableException($"--map names more than {MaxExtras} extra columns; leave out '{column}'.");
            }
        }

        for (var i = 0; i < columns.Count; i++)
        {
            if (roles[i] == ColumnRole.Ignored && Known.TryGetValue(Plain(columns[i]), out var role) && !mapped.Contains(role)
                && !(leaveOut ?? []).Contains(columns[i], StringComparer.OrdinalIgnoreCase))
            {
                roles[i] = role;
            }
        }

        for (var i = 0; i < columns.Count; i++)
        {
            if (roles[i] == ColumnRole.Ignored && RoleLike(Plain(columns[i])) is { } role && !mapped.Contains(role) && (Several.Contains(role) || !roles.Contains(role))
                && !(leaveOut ?? []).Contains(columns[i], StringComparer.OrdinalIgnoreCase))
            {
                roles[i] = role;
            }
        }

        return new ColumnMap(columns, roles);
    }

    /// <summary>What a column means whose name is a known one behind its owner's, or before a number.</summary>
    static ColumnRole? RoleLike(string plain)
    {
        var name = plain.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        foreach (var owner in Owners.Prepend(""))
        {
            // What is left must still say something: contact_by is no year of birth.
            if (!plain.StartsWith(owner, StringComparison.Ordinal) || plain.Length < owner.Length + 3)
            {
                continue;
            }

            if (Known.TryGetValue(plain[owner.Length..], out var role) || (name.Length > owner.Length && Known.TryGetValue(name[owner.Length..], out role) && Several.Contains(role)))
            {
                return role;
            }
        }

        return null;
    }

    /// <summary>The index of a column by name, whatever the case; -1 when there is none.</summary>
    public static int Find(IReadOnlyList<string> columns, string name)
    {
        ArgumentNullException.ThrowIfNull(columns);
        for (var i = 0; i < columns.Count; i++)
        {
            if (string.Equals(columns[i], name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The index of a column by the letters and digits of its name alone; -1 when there is none.</summary>
    internal static int FindPlain(IReadOnlyList<string> columns, string plain)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (Plain(columns[i]) == plain)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The record that a row describes.</summary>
    /// <param name="row">The row's values.</param>
    /// <param name="urn">The record's URN.</param>
    /// <param name="org">Its group.</param>
    public PersonRecord ToRecord(IReadOnlyList<string> row, string urn, string org)
    {
        ArgumentNullException.ThrowIfNull(row);
        string? given = null, middle = null, family = null, second = null, former = null, suffix = null, full = null, preferred = null, birth = null, month = null, day = null;
        string? number = null, street = null, city = null, state = null, zip = null, country = null, birthPlace = null, occupation = null;
        var emails = new List<string>(1);
        var phones = new List<string>(1);
        var ids = new List<ExternalId>(0);
        var extras = new List<ExtraValue>(0);
        var extra = 0;
        for (var i = 0; i < row.Count && i < _roles.Length; i++)
        {
            var value = row[i];
            if (value.Length == 0 || NoValues.Contains(value))
            {
                extra += _roles[i] == ColumnRole.Extra ? 1 : 0;
                continue;
            }

            switch (_roles[i])
            {
                case ColumnRole.Given: given ??= value; break;
                case ColumnRole.Middle: middle ??= value; break;
                case ColumnRole.Family: family ??= value; break;
                case ColumnRole.SecondFamily: second ??= value; break;
                case ColumnRole.FormerFamily: former ??= value; break;
                case ColumnRole.Suffix: suffix ??= value; break;
                case ColumnRole.FullName: full ??= value; break;
                case ColumnRole.PreferredName: preferred ??= value; break;
                case ColumnRole.Email: emails.AddRange(SeveralOf(value, ";,| \n", part => part.Contains('@', StringComparison.Ordinal))); break;
                case ColumnRole.Phone: phones.AddRange(SeveralOf(value, ";,|/\n", part => part.Count(char.IsAsciiDigit) >= 7)); break;
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
        if (line is not null && _wholeAddresses)
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

    /// <summary>A number as it was before a spreadsheet or a data frame made a fraction of it.</summary>
    static string Whole(string number) => number.EndsWith(".0", StringComparison.Ordinal) ? number[..^2] : number;

    static string Plain(string name)
    {
        var plain = new ValueText(stackalloc char[64]);
        foreach (var c in name)
        {
            if (char.IsLetterOrDigit(c))
            {
                plain.Append(char.ToLowerInvariant(c));
            }
        }

        return plain.ToString();
    }

    static string Snake(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? "_" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
}
