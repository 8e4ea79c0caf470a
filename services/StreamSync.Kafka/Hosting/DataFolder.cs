namespace StreamSync.Kafka.Hosting;

/// <summary>The folder that holds everything a StreamSync keeps: log, state, warehouse.</summary>
public sealed class DataFolder
{
    /// <summary>Default folder, in the current one.</summary>
    public const string DefaultName = ".streamsync";

    /// <summary>It holds people's data: for the owner only.</summary>
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Names the folder; nothing is created.</summary>
    /// <param name="path">Path.</param>
    public DataFolder(string path) => Root = Path.GetFullPath(path);

    /// <summary>Absolute path of the folder.</summary>
    public string Root { get; }

    /// <summary>The embedded broker's log.</summary>
    public string Log => Path.Combine(Root, "log");

    /// <summary>State of processors.</summary>
    public string State => Path.Combine(Root, "state");

    /// <summary>Log files of the process.</summary>
    public string Logs => Path.Combine(Root, "logs");

    /// <summary>The running instance's description.</summary>
    public string InstanceFile => Path.Combine(Root, "instance.json");

    /// <summary>The process that has the folder in use, ready or not.</summary>
    public string ClaimFile => Path.Combine(Root, "process.json");

    /// <summary>A path below the folder, or the path itself when it is absolute.</summary>
    /// <param name="path">Path.</param>
    public string Resolve(string path) => Path.GetFullPath(path, Root);

    /// <summary>Creates the folder, readable for its owner only.</summary>
    /// <exception cref="IOException">It can't be created.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be created.</exception>
    public void Create()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Root);
        }
        else
        {
            Directory.CreateDirectory(Root, OwnerOnly);
        }
    }
}
