using System.Collections.Frozen;

namespace StreamSync.Identity;

/// <summary>Values that people type to get past a form, and mailboxes and numbers that belong to no single person.</summary>
static class JunkValues
{
    static readonly FrozenSet<string> Words = new[]
    {
        "none", "na", "n a", "null", "nil", "nan", "unknown", "unk", "no", "nope", "nobody", "noone", "no one", "noname", "no name",
        "test", "testing", "tester", "test test", "asdf", "asdfasdf", "qwerty", "xxx", "xx", "xxxx", "x", "tbd", "anonymous", "anon",
        "undefined", "not provided", "not given", "notprovided", "blank", "empty", "first name", "last name", "firstname", "lastname",
        "fname", "lname", "name", "unnamed", "deleted", "redacted", "masked", "donotuse", "do not use", "abc", "abcd", "aaa", "zzz",
        "missing", "nothing", "no email", "noemail", "no phone", "nophone", "refused", "private", "hidden", "dummy", "fake",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Words that stand where a name should and mean whoever it is; together with others of them, or with nothing.</summary>
    static readonly FrozenSet<string> Anybody = new[]
    {
        "resident", "residents", "donor", "voter", "occupant", "occupants", "householder", "household", "homeowner", "boxholder", "tenant",
        "addressee", "recipient", "neighbor", "neighbour", "taxpayer", "citizen", "constituent", "supporter", "member", "subscriber", "customer",
        "contributor", "attendee", "volunteer",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Words that stand beside those.</summary>
    static readonly FrozenSet<string> BesideAnybody = new[]
    {
        "current", "present", "valued", "new", "our", "to", "or", "and", "postal", "registered", "local",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> EmailLocals = new[]
    {
        "none", "na", "n.a", "n/a", "noemail", "no-email", "no_email", "no.email", "nomail", "no-mail", "noreply", "no-reply", "no_reply",
        "donotreply", "do-not-reply", "nobody", "noone", "no-one", "unknown", "anonymous", "anon", "test", "test1", "test123", "testing",
        "tester", "asdf", "asdfasdf", "qwerty", "xxx", "xxxx", "null", "nil", "nan", "undefined", "fake", "dummy", "refused",
        "notprovided", "not.provided", "declined", "nope", "email", "e-mail", "example", "user", "noname", "no.name", "aaa", "abc",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> Roles = new[]
    {
        "info", "office", "admin", "administrator", "contact", "contacts", "support", "help", "hello", "sales", "billing", "accounts",
        "webmaster", "postmaster", "hostmaster", "abuse", "mail", "team", "staff", "press", "media", "membership", "members",
        "volunteer", "volunteers", "events", "rsvp", "donate", "donations", "newsletter", "list", "enquiries", "inquiries", "feedback",
        "frontdesk", "reception", "secretary", "treasurer", "chair", "hr", "jobs",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>A folded word (or two) that stands for "nothing" in any field.</summary>
    public static bool IsJunkWord(string folded) => Words.Contains(folded);

    /// <summary>
    /// True when all of some folded words are placeholders ("current resident", "unknown voter") or numbers, or there are none.
    /// </summary>
    /// <param name="words">Folded words.</param>
    /// <param name="anybody">Set when one of them means whoever it is; else they may as well be a name ("Current").</param>
    public static bool IsNobody(ReadOnlySpan<char> words, ref bool anybody)
    {
        foreach (var range in words.Split(' '))
        {
            var word = words[range];
            if (Anybody.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word))
            {
                anybody = true;
            }
            else if (!BesideAnybody.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word) && !Words.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word)
                && word.ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }
        }

        return true;
    }

    public static bool IsJunkEmail(string local, string domain)
    {
        if (EmailLocals.Contains(local))
        {
            return true;
        }

        // none@none.com, a@a.com: the same short word on both sides of the sign.
        var label = domain.AsSpan(0, domain.IndexOf('.', StringComparison.Ordinal));
        return label.SequenceEqual(local) && (local.Length <= 3 || Words.Contains(local)) || label is "none" or "noemail" or "nomail";
    }

    public static bool IsRoleMailbox(string local) => Roles.Contains(local);

    /// <summary>
    /// A North American number that is a placeholder: one repeated digit or a run (111-111-1111, 123-456-7890), directory
    /// assistance (555-1212), or 555-0100, the first of the fictional block, which forms show as their example.
    /// </summary>
    public static bool IsJunkNanp(ReadOnlySpan<char> tenDigits)
    {
        var line = tenDigits[3..];
        return line is "5550100" or "5551212" || IsRepeated(tenDigits) || IsRepeated(line) || tenDigits is "1234567890" or "0123456789"
            or "9876543210" || line is "1234567";
    }

    public static bool IsRepeated(ReadOnlySpan<char> digits) => digits.Length > 0 && !digits.ContainsAnyExcept(digits[0]);
}
