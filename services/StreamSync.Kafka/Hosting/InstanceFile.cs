using System.Diagnostics;
using System.Text.Json;

namespace StreamSync.Kafka.Hosting;

/// <summary>A running StreamSync, as it describes itself to the commands that look for it.</summary>
public sealed record InstanceInfo
{
    /// <summary>Process id.</summary>
    public required int Pid { get; init; }

    /// <summary>When the process started, by the system's clock: tells it from a later process with the same id.</summary>
    public required DateTimeOffset ProcessStartedAt { get; init; }

    /// <summary>When it was ready (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Brokers.</summary>
    public required string BootstrapServers { get; init; }

    /// <summary>URL of the schema registry.</summary>
    public required string SchemaRegistryUrl { get; init; }

    /// <summary>URL of the console; null when it has none.</summary>
    public string? ConsoleUrl { get; init; }

    /// <summary>URL of the webhook listener; null when it has none.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>Absolute path of its configuration file; null when it has none.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Version of StreamSync.</summary>
    public string? Version { get; init; }
}

/// <summary><c>instance.json</c> in the data folder.</summary>
public static class InstanceFile
{
    /// <summary>The system's clock gives a process's start with this much play between two readings.</summary>
    static readonly TimeSpan StartTolerance = TimeSpan.FromSeconds(2);

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>When this process started.</summary>
    public static DateTimeOffset ThisProcessStartedAt()
    {
        using var process = Process.GetCurrentProcess();
        return process.StartTime;
    }

    /// <summary>Writes the file at once or not at all.</summary>
    /// <param name="folder">Data folder.</param>
    /// <param name="info">The instance.</param>
    public static void Write(DataFolder folder, InstanceInfo info)
    {
        folder.Create();
        WriteWhole(folder.InstanceFile, info, info.Pid);
    }

    /// <summary>The instance that runs on a folder now; null when none does, also when its file was left by one that died.</summary>
    /// <param name="folder">Data folder.</param>
    public static InstanceInfo? FindRunning(DataFolder folder) => Read<InstanceInfo>(folder.InstanceFile) is { } info && IsAlive(info.Pid, info.ProcessStartedAt) ? info : null;

    /// <summary>Removes the file if it is this process's.</summary>
    /// <param name="folder">Data folder.</param>
    public static void Remove(DataFolder folder)
    {
        if (Read<InstanceInfo>(folder.InstanceFile)?.Pid == Environment.ProcessId)
        {
            File.Delete(folder.InstanceFile);
        }
    }

    internal static void WriteWhole<T>(string file, T value, int pid)
    {
        var temporary = $"{file}.{pid}";
        File.WriteAllText(temporary, JsonSerializer.Serialize(value, Json));
        File.Move(temporary, file, overwrite: true);
    }

    internal static T? Read<T>(string file)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(file), Json);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>True for a process that has ended and waits for its parent to take note: it holds nothing any more.</summary>
    static bool IsZombie(int pid)
    {
        try
        {
            // pid (name) state ...; the name may hold brackets and blanks.
            var stat = OperatingSystem.IsLinux() ? File.ReadAllText($"/proc/{pid}/stat") : string.Empty;
            return stat.LastIndexOf(')') is var end and >= 0 && stat.AsSpan(end + 1).TrimStart() is ['Z' or 'X', ..];
        }
        catch (IOException)
        {
            return false;
        }
    }

    internal static bool IsAlive(int pid, DateTimeOffset processStartedAt)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited && !IsZombie(pid) && (new DateTimeOffset(process.StartTime) - processStartedAt).Duration() < StartTolerance;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
