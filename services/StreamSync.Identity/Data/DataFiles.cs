namespace StreamSync.Identity;

/// <summary>The tables that ship inside the assembly.</summary>
static class DataFiles
{
    /// <summary>The lines of a table, without blank lines and comments.</summary>
    public static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(DataFiles).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The table {name} is missing from the assembly; rebuild StreamSync.Identity.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }
}
