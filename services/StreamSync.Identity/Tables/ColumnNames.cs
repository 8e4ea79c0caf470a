using System.Collections.Frozen;

namespace StreamSync.Identity;

/// <summary>The names that columns of people's tables commonly have, and what they mean. Compared by their letters and digits alone.</summary>
static class ColumnNames
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

    // The words of --map, beside those that are column names in common use.
    static readonly FrozenDictionary<string, ColumnRole> Roles =
        Enum.GetValues<ColumnRole>().ToFrozenDictionary(role => Plain(role.ToString()), StringComparer.Ordinal);

    /// <summary>The words of the roles, as a user may write them.</summary>
    public static IEnumerable<string> Words => Roles.Values.Order().Select(WordOf);

    /// <summary>The word of a role.</summary>
    public static string WordOf(ColumnRole role) => Snake(role.ToString());

    /// <summary>What a word of a role means, or a column of a known name; null when it is neither.</summary>
    public static ColumnRole? RoleOfWord(string word)
    {
        // "birthday" is what people call a birth date; "birth_day" is the word of a role.
        var isRole = Roles.TryGetValue(Plain(word), out var role);
        return isRole && WordOf(role) == word ? role : RoleOf(word) ?? (isRole ? role : null);
    }

    /// <summary>What a column of a known name means; null for another name.</summary>
    public static ColumnRole? RoleOf(string column) => Known.TryGetValue(Plain(column), out var role) ? role : null;

    /// <summary>True when a record may have several columns of a role.</summary>
    public static bool MayBeSeveral(ColumnRole role) => Several.Contains(role);

    /// <summary>What a column means whose name is a known one behind its owner's, or before a number.</summary>
    public static ColumnRole? RoleLike(string column)
    {
        var plain = Plain(column);
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

    /// <summary>The letters and digits of a name, in lower case.</summary>
    public static string Plain(string name)
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
