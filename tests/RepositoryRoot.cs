namespace StreamSync.Tests;

/// <summary>Finds the checkout, for tests that hold the sources themselves to a rule.</summary>
static class RepositoryRoot
{
    public static string Path { get; } = Find();

    static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "StreamSync.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no StreamSync.sln above {AppContext.BaseDirectory}");
    }
}
