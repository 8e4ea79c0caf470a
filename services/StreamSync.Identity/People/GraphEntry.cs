namespace StreamSync.Identity;

/// <summary>What stage B holds of one record, as numbers: there are millions of them, and all that is long lies in pools.</summary>
struct GraphEntry
{
    /// <summary>The record, and behind it its features; nothing when it is not there.</summary>
    public PooledBytes Content;

    /// <summary>Where in the content the features begin.</summary>
    public int RecordLength;

    /// <summary>When the record was made, as in its features.</summary>
    public long CreatedAt;

    /// <summary>Whose it is since the last flush.</summary>
    public PersonKey Person;

    /// <summary>What is said about it and others, ordered by the other's number, then by who says it.</summary>
    public PooledList<EdgePart> Parts;

    /// <summary>Why its component must be looked at.</summary>
    public DirtyReasons Dirty;

    /// <summary>What the log of changes does not hold yet, and whether it holds a mark.</summary>
    public LogFlags Log;

    public readonly bool HasRecord => !Content.IsEmpty;
}

/// <summary>How a record stands to the log of changes.</summary>
[Flags]
enum LogFlags : byte
{
    /// <summary>The log holds what it is, and no mark.</summary>
    None = 0,

    /// <summary>It changed.</summary>
    Changed = 1,

    /// <summary>Its mark changed.</summary>
    MarkChanged = 2,

    /// <summary>The log holds a mark. Most marks come and go between two writings.</summary>
    MarkLogged = 4,
}
