namespace StreamSync.Identity;

/// <summary>Facts about a pair that no sum of weights may overrule.</summary>
[Flags]
public enum PairFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Given names that can't be forms or misspellings of one another: other people at one address, or a parent's e-mail.</summary>
    NameConflict = 1,

    /// <summary>Can't be one person: other generation (Jr, Sr), other exclusive identifier, person against organisation.</summary>
    Contradiction = 2,

    /// <summary>One side has no name, so nothing but a contact point speaks.</summary>
    Nameless = 4,

    /// <summary>They share a street, and no birth date says that they are one: none is equal, or they may be twins.</summary>
    SameAddress = 8,

    /// <summary>Apart from shared identifiers nothing agrees but names and a wide area.</summary>
    NamesAlone = 16,

    /// <summary>Two people of one household are the likelier alternative to one person than two strangers.</summary>
    Housemates = 32,

    /// <summary>Both have names, and none of one is a form or a misspelling of any of the other.</summary>
    StrangeNames = 64,
}

/// <summary>The evidence of a pair apart from shared identifiers, whose keys add their own weight.</summary>
/// <param name="Base">
/// The lesser of the evidence against two strangers and that against two of one household, without what shared e-mail addresses and phone numbers add;
/// in hundredths of a bit.
/// </param>
/// <param name="Flags">What overrules the sum.</param>
/// <param name="Email">What a shared e-mail address adds, if they share one and its key is within its cap.</param>
/// <param name="Phone">What a shared phone number adds, likewise.</param>
public readonly record struct PairScore(int Base, PairFlags Flags, int Email = 0, int Phone = 0);

/// <summary>One line of an explanation.</summary>
/// <param name="Field">What was compared.</param>
/// <param name="Level">How it compared, e.g. <c>exact</c>, <c>forms of one name</c>, <c>differs</c>.</param>
/// <param name="Weight">Hundredths of a bit for (positive) or against.</param>
public sealed record FieldEvidence(string Field, string Level, int Weight);
