using System.IO.Enumeration;

namespace StreamSync.Connectors.Files;

/// <summary>Block <c>file:</c> of a stream.</summary>
sealed record DropOptions
{
    /// <summary>Which files belong to the stream; the first pattern that fits counts.</summary>
    public required IReadOnlyList<FilePattern> Patterns { get; init; }

    /// <summary>Other names of columns by field, best first; <c>setting:NAME</c> stands for what the sync sets.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Columns { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>What may stand before the names of columns without saying what they hold.</summary>
    public IReadOnlyList<PrefixRule> Prefixes { get; init; } = [];

    /// <summary>Field of type map that takes columns without a field; null keeps them as extras.</summary>
    public string? ExtraColumns { get; init; }

    /// <summary>true, false or <c>setting:NAME</c>: whether each file holds all rows, so that a missing row is a deleted one.</summary>
    public string Complete { get; init; } = "false";

    /// <summary>A file that did not change for so long is complete: its last line counts even without a line end.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between looks at the folder, beside the operating system's own notice of changes.</summary>
    public TimeSpan Rescan { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest row, bytes.</summary>
    public int MaxRow { get; init; } = 1024 * 1024;
}

/// <summary>A kind of file.</summary>
/// <param name="Globs">Names, with * and ?; case does not count.</param>
/// <param name="Set">Fields that the name tells: a constant, <c>setting:NAME</c>, or a text with <c>{field}</c> in it.</param>
sealed record FilePattern(IReadOnlyList<string> Globs, IReadOnlyDictionary<string, string> Set)
{
    public bool Fits(string fileName) => Globs.Any(g => FileSystemName.MatchesSimpleExpression(g, fileName, ignoreCase: true));
}

/// <summary>
/// Words before the names of some fields' columns, such as <c>Mailing</c> before <c>City</c>. A column without such a word goes first, then those of
/// the word with the most columns.
/// </summary>
/// <param name="Names">The words; the best first where several have as many columns.</param>
/// <param name="Fields">The fields.</param>
sealed record PrefixRule(IReadOnlyList<string> Names, IReadOnlyList<string> Fields);
