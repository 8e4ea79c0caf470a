namespace StreamSync.Identity;

/// <summary>Why a record's component must be looked at again.</summary>
[Flags]
public enum DirtyReasons : byte
{
    /// <summary>No reason.</summary>
    None = 0,

    /// <summary>A link or a decision changed.</summary>
    Links = 1,

    /// <summary>The record itself changed, so its person's golden record may.</summary>
    Record = 2,
}
